import type { Clock } from '../../ports/clock.ts';

/** How far a run of plan.yml is with the pull request's own stacks. */
export interface SynthesisRun {
  readonly id: number;
  readonly url: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Newest first: the runs that synthesized a commit. */
export type ListSyntheses = (commit: string) => Promise<readonly SynthesisRun[]>;

export type FoundSynthesis =
  | { readonly ok: true; readonly run: number }
  | { readonly ok: false; readonly problem: string };

/** plan.yml keeps what it synthesized for so long. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const PAUSE_MS = 2_000;
/** An event starts both workflows at once; a queue of runners may hold one of them up. */
const PATIENCE_MS = 10 * 60 * 1000;
/** Without any run after so long there will be none. */
const APPEARS_MS = 60 * 1000;

/**
 * The run of plan.yml that synthesized `commit`. It runs the pull request's own program where there is neither an identity nor a cache of main's to spoil, and
 * starts with the same events as the preview, so there may be something to wait for.
 */
export async function findSynthesis(
  commit: string,
  { list, clock }: { readonly list: ListSyntheses; readonly clock: Pick<Clock, 'now' | 'sleep'> },
): Promise<FoundSynthesis> {
  const short = commit.slice(0, 7);
  const started = clock.now();
  for (;;) {
    const runs = (await list(commit)).filter(({ createdAt }) => clock.now() - createdAt < KEPT_MS);
    const done = runs.find(({ state }) => state === 'done');
    if (done !== undefined) return { ok: true, run: done.id };
    const waited = clock.now() - started;
    const failed = runs.every(({ state }) => state === 'failed') ? runs[0] : undefined;
    if (failed !== undefined)
      return { ok: false, problem: `The stacks of ${short} cannot be synthesized: ${failed.url}` };
    if (runs.length === 0 && waited >= APPEARS_MS) {
      return {
        ok: false,
        problem: `Nobody has synthesized the stacks of ${short} in the last week. Resolve conflicts with main if there are any, and push.`,
      };
    }
    if (waited >= PATIENCE_MS)
      return { ok: false, problem: `The stacks of ${short} are still not synthesized. Run it again.` };
    await clock.sleep(PAUSE_MS);
  }
}
