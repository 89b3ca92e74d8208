import { refuseLoss } from '../plan/guard.ts';
import { readPlan } from '../plan/read.ts';
import { compareReview, type Review } from '../plan/review.ts';
import type { StackPlan } from '../plan/types.ts';
import { explainLock, lockInError } from './lock.ts';
import type { TerraformReport } from './messages.ts';
import { fingerprint, type Records } from './records.ts';
import type { StateStore } from './state.ts';
import type { Terraform, TerraformCommand } from './terraform.ts';
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
  readonly skipUnchanged: boolean;
  readonly review?: () => Promise<Review>;
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProvisionEvent) => void;
}

type Outcome = Omit<StackResult, 'stack' | 'seconds' | 'hash'>;

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
  const hash = context.hashes.get(stack);
  return { stack, ...outcome, seconds, ...(hash === undefined ? {} : { hash }) };
}

async function decide(stack: string, before: readonly StackResult[], context: StackContext): Promise<Outcome> {
  const broken = before.find(({ status }) => status === 'failed');
  if (broken !== undefined && context.mode !== 'plan') return failed(`Not run, because ${broken.stack} failed.`);
  if (context.signal.aborted) return failed('Not run, because the run was cancelled.');
  const changed = before.some(({ status }) => status === 'changes');
  const wanted = fingerprint(stack, context.hashes.get(stack) ?? '', context.applied);
  // What a stack reads may become different by the plan of another one.
  if (context.skipUnchanged && !changed && context.applied.get(stack) === wanted) {
    return { status: 'unchanged', ...NOTHING };
  }
  const init = await context.terraform.init(stack);
  if (!init.ok) return failed(explain(stack, init.errors));
  if (context.mode === 'plan') {
    return { ...(await planStack(stack, context)), ahead: context.applied.get(stack) !== wanted };
  }
  return context.mode === 'apply' ? applyStack(stack, wanted, context) : destroyStack(stack, context);
}

async function applyStack(stack: string, wanted: string, context: StackContext): Promise<Outcome> {
  // A stack that was never applied has nothing to lose, so nobody has to look at its plan first.
  const isNew = context.applied.get(stack) === undefined;
  const outcome =
    context.review === undefined || isNew
      ? await operate('apply', stack, context)
      : await applyReviewed(stack, context, await context.review());
  if (outcome.status !== 'failed') {
    await context.records.write(stack, wanted);
    context.applied.set(stack, wanted);
  }
  return outcome;
}

async function applyReviewed(stack: string, context: StackContext, review: Review): Promise<Outcome> {
  const planned = await planStack(stack, context);
  if (planned.status !== 'changes' || planned.plan === undefined) return planned;
  const reviewed = compareReview(review, stack, context.hashes.get(stack));
  const refusal = refuseLoss([{ stack, plan: planned.plan }], review.labels);
  if (refusal !== undefined) return { ...failed(refusal), plan: planned.plan, reviewed };
  return { ...(await operate('apply-plan', stack, context)), plan: planned.plan, reviewed };
}

async function planStack(stack: string, context: StackContext): Promise<Outcome> {
  const outcome = await operate('plan', stack, context);
  if (outcome.status !== 'changes') return outcome;
  const plan = await readSaved(stack, context.terraform);
  return plan === undefined ? failed('The plan that Terraform saved cannot be read.') : { ...outcome, plan };
}

async function readSaved(stack: string, terraform: Terraform): Promise<StackPlan | undefined> {
  const text = await terraform.show(stack);
  return text === undefined ? undefined : readPlan(text);
}

async function destroyStack(stack: string, context: StackContext): Promise<Outcome> {
  const outcome = await operate('destroy', stack, context);
  if (outcome.status !== 'failed') await forget(stack, context);
  return outcome;
}

async function operate(command: TerraformCommand, stack: string, context: StackContext): Promise<Outcome> {
  const run = await context.terraform.run(command, stack, (message) => context.onProgress({ stack, message }));
  if (!run.ok) return failed(explain(stack, run.errors));
  const { add, change, destroy, changes } = run.report;
  return { status: statusOf(command, run.report), add, change, destroy, changes };
}

/** After a destroy: the next apply starts from nothing. */
async function forget(stack: string, { records, state, applied }: StackContext): Promise<void> {
  await Promise.all([records.remove(stack), state.deleteState(stack)]);
  applied.delete(stack);
}

function statusOf(command: TerraformCommand, { add, change, destroy }: TerraformReport): StackStatus {
  if (command === 'destroy') return 'destroyed';
  if (add + change + destroy === 0) return 'no-changes';
  return command === 'plan' ? 'changes' : 'applied';
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
