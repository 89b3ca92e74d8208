/**
 * Which stacks read what another one published. A stack waits for them when they are part of the same run, and is applied
 * again when one of them changed.
 */
export function dependencies(stack: string): readonly string[] {
  if (stack === 'account') return ['bootstrap'];
  if (stack.startsWith('preview-')) return ['account', 'staging-platform', 'staging-data'];
  const [, environment, layer] = /^(\w+)-(platform|data|app)$/.exec(stack) ?? [];
  if (layer === 'platform') return ['account'];
  if (layer === 'data') return [`${environment}-platform`];
  if (layer === 'app') return ['account', `${environment}-platform`, `${environment}-data`];
  return [];
}

/** Runs `work` for every stack as soon as those it waits for are done: independent stacks at the same time. */
export async function inOrder<Result>(
  stacks: readonly string[],
  waitsFor: (stack: string) => readonly string[],
  work: (stack: string, before: readonly Result[]) => Promise<Result>,
): Promise<readonly Result[]> {
  const running = new Map<string, Promise<Result>>();
  const start = (stack: string): Promise<Result> => {
    const known = running.get(stack);
    if (known !== undefined) return known;
    const before = waitsFor(stack).filter((other) => stacks.includes(other));
    const promise = Promise.all(before.map(start)).then((results) => work(stack, results));
    running.set(stack, promise);
    return promise;
  };
  return Promise.all(stacks.map(start));
}

/** Stacks that have to be gone before `stack` can go. */
export const dependents = (stack: string, stacks: readonly string[]): readonly string[] =>
  stacks.filter((other) => dependencies(other).includes(stack));
