import { type Project, stateBucketName } from '../manifest/names.ts';
import { loadProject, readProject } from '../manifest/project.ts';
import { describeErrors } from '../manifest/result.ts';
import { type Execute, execute } from './command.ts';
import { interruptible } from './interruption.ts';
import type { LockInfo } from './lock.ts';
import { dependencies, dependents, inOrder } from './order.ts';
import { createRecords, type Records } from './records.ts';
import { runStack } from './stack-run.ts';
import { createStateClient, createStateStore, type StateStore } from './state.ts';
import { stacksFolder, synthesize } from './synthesize.ts';
import { createTerraform } from './terraform.ts';
import type { ProvisionRequest, ProvisionResult, StackResult } from './types.ts';

/** The outside of a provision; replaced in tests. */
export interface ProvisionPorts {
  readonly execute: Execute;
  readonly records: Records;
  readonly state: StateStore;
}

/**
 * Synthesizes once and runs Terraform for each stack: in the order in which stacks build on each other, independent ones at
 * the same time. Applying skips what was applied before. SIGINT and SIGTERM are passed on to Terraform, once, and waited for.
 * AWS is reached with the SDK's own defaults of this process.
 */
export function provision(request: ProvisionRequest, ports?: ProvisionPorts): Promise<ProvisionResult> {
  return interruptible(async (signal) => {
    const project = readProject(request.root, request.environment);
    if (!project.ok) return { ok: false, problem: describeErrors(project.errors), stacks: [] };
    return run(request, { ...(ports ?? connect(project.value, request)), project: project.value, signal });
  }, request.signal);
}

/** Breaks the lock that a killed run left on a stack's state. Only for whoever knows that the run is gone. */
export function unlock({ root, stack, environment }: UnlockRequest): Promise<LockInfo | undefined> {
  const project = loadProject(root, environment);
  return createStateStore(project, createStateClient(project, environment)).unlock(stack);
}

interface UnlockRequest extends Pick<ProvisionRequest, 'root' | 'environment'> {
  readonly stack: string;
}

/** True when a plan of every stack has nothing to do. */
export const planIsEmpty = (stacks: readonly StackResult[]): boolean =>
  stacks.every(({ status }) => status === 'no-changes' || status === 'unchanged');

interface Surroundings extends ProvisionPorts {
  readonly project: Project;
  readonly signal: AbortSignal;
}

const connect = (project: Project, { environment }: ProvisionRequest): ProvisionPorts => ({
  execute,
  records: createRecords(project),
  state: createStateStore(project, createStateClient(project, environment)),
});

async function run(request: ProvisionRequest, surroundings: Surroundings): Promise<ProvisionResult> {
  const { environment, mode, onProgress = () => undefined } = request;
  const stacks = [...new Set(request.stacks)];
  const { execute, records, state, signal, project } = surroundings;
  const binary = request.terraform ?? 'terraform';
  const folder = stacksFolder(request);
  const terraform = createTerraform({ binary, environment, stacksFolder: folder, execute, signal });
  if (request.synthesized !== true) onProgress({ message: `synthesize ${stacks.join(', ')}` });
  const [synthesis, problem] = await Promise.all([
    synthesize({ ...request, stacks }, { execute, signal }),
    terraform.problem(),
  ]);
  if (!synthesis.ok) return { ok: false, problem: synthesis.problem, stacks: [] };
  if (problem !== undefined) return { ok: false, problem, stacks: [] };
  // Whoever only looks may not create a bucket.
  if (mode !== 'plan' && (await state.ensureBucket()))
    onProgress({ message: `created the state bucket ${stateBucketName(project)}` });
  const applied = new Map(await records.read(withDependencies(stacks)));
  const context = {
    ...{ mode, terraform, records, state, hashes: synthesis.hashes, applied, signal, onProgress },
    skipUnchanged: request.skipUnchanged ?? mode === 'apply',
    ...(request.review === undefined ? {} : { review: onceOnly(request.review) }),
  };
  const waitsFor = mode === 'destroy' ? (stack: string) => dependents(stack, stacks) : dependencies;
  const results = await inOrder<StackResult>(stacks, waitsFor, (stack, before) => runStack(stack, before, context));
  return conclude(results, signal);
}

/** GitHub is asked when the first stack needs to know, and once. */
function onceOnly<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let answer: Promise<Value> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

const withDependencies = (stacks: readonly string[]): readonly string[] => [
  ...new Set(stacks.flatMap((stack) => [stack, ...dependencies(stack)])),
];

function conclude(stacks: readonly StackResult[], { aborted }: AbortSignal): ProvisionResult {
  const errors = stacks.flatMap(({ stack, error }) => (error === undefined ? [] : [`${stack}: ${error}`]));
  if (errors.length === 0) return { ok: true, stacks };
  const heading = aborted ? 'Cancelled; Terraform saved what it had done. Run it again to finish.\n' : '';
  return { ok: false, problem: heading + errors.join('\n'), stacks };
}
