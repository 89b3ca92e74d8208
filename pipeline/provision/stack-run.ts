import { explainLock, lockInError } from './lock.ts';
import type { TerraformReport } from './messages.ts';
import { fingerprint, type Records } from './records.ts';
import type { StateStore } from './state.ts';
import type { Terraform } from './terraform.ts';
import type { ProvisionEvent, ProvisionMode, StackResult, StackStatus } from './types.ts';

/** What the work on one stack needs. */
export interface StackContext {
  readonly mode: ProvisionMode;
  readonly terraform: Terraform;
  readonly records: Records;
  readonly state: Pick<StateStore, 'deleteState'>;
  /** Stack -> hash of its synthesized JSON. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Stack -> fingerprint of what was applied last; kept up to date while stacks are applied. */
  readonly applied: Map<string, string>;
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProvisionEvent) => void;
}

type Outcome = Omit<StackResult, 'stack' | 'seconds'>;

const NOTHING = { add: 0, change: 0, destroy: 0, changes: [] } as const;

/** Plans, applies or destroys one stack. Never throws for what Terraform or a stack before it did wrong. */
export async function runStack(
  stack: string,
  before: readonly StackResult[],
  context: StackContext,
): Promise<StackResult> {
  const started = performance.now();
  const outcome = await decide(stack, before, context);
  const seconds = Math.round(performance.now() - started) / 1000;
  context.onProgress({ stack, message: `${outcome.status} in ${seconds} s` });
  return { stack, ...outcome, seconds };
}

function decide(stack: string, before: readonly StackResult[], context: StackContext): Promise<Outcome> {
  const broken = before.find(({ status }) => status === 'failed');
  if (broken !== undefined) return Promise.resolve(failed(`Not run, because ${broken.stack} failed.`));
  if (context.signal.aborted) return Promise.resolve(failed('Not run, because the run was cancelled.'));
  return context.mode === 'apply' ? applyStack(stack, context) : operate(stack, context);
}

async function applyStack(stack: string, context: StackContext): Promise<Outcome> {
  const wanted = fingerprint(stack, context.hashes.get(stack) ?? '', context.applied);
  if (context.applied.get(stack) === wanted) return { status: 'unchanged', ...NOTHING };
  const outcome = await operate(stack, context);
  if (outcome.status !== 'failed') {
    await context.records.write(stack, wanted);
    context.applied.set(stack, wanted);
  }
  return outcome;
}

async function operate(stack: string, context: StackContext): Promise<Outcome> {
  const { mode, terraform, onProgress } = context;
  const init = await terraform.init(stack);
  if (!init.ok) return failed(explain(stack, init.errors));
  const run = await terraform.run(mode, stack, (message) => onProgress({ stack, message }));
  if (!run.ok) return failed(explain(stack, run.errors));
  if (mode === 'destroy') await forget(stack, context);
  const { add, change, destroy, changes } = run.report;
  return { status: statusOf(mode, run.report), add, change, destroy, changes };
}

/** After a destroy: the next apply starts from nothing. */
async function forget(stack: string, { records, state, applied }: StackContext): Promise<void> {
  await Promise.all([records.remove(stack), state.deleteState(stack)]);
  applied.delete(stack);
}

function statusOf(mode: ProvisionMode, { add, change, destroy }: TerraformReport): StackStatus {
  if (mode === 'destroy') return 'destroyed';
  if (add + change + destroy === 0) return 'no-changes';
  return mode === 'apply' ? 'applied' : 'changes';
}

function explain(stack: string, errors: readonly string[]): string {
  return errors
    .map((error) => {
      const lock = lockInError(error);
      return lock === undefined ? error : explainLock(stack, lock);
    })
    .join('\n');
}

const failed = (error: string): Outcome => ({ status: 'failed', ...NOTHING, error });
