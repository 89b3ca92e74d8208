import type { FunctionTemplate } from '../release/template.ts';
import type { LambdaMoverPorts } from './lambda-alias.ts';
import type { Say } from './mover.ts';
import { follow, type Look } from './pace.ts';

export interface LambdaWatching extends LambdaMoverPorts {
  readonly signal: AbortSignal;
  readonly say: Say;
}

type Waiting = Omit<LambdaMoverPorts, 'observe'> & Partial<Pick<LambdaWatching, 'signal' | 'say'>>;

/** Lambda refuses changes while an earlier one is in progress, Terraform's for instance. Resolves to what is wrong. */
export async function settled({ functionName }: FunctionTemplate, version: string | undefined, waiting: Waiting) {
  const look = async (): Promise<Look> => {
    const state = await waiting.lambda.describe(functionName, version);
    if (state === undefined) {
      const name = `${functionName}${version === undefined ? '' : `:${version}`}`;
      return { state: 'failed', message: `function ${name} does not exist` };
    }
    if (state.state === 'Failed')
      return { state: 'failed', message: state.stateReason || 'Lambda could not activate it' };
    if (state.lastUpdate === 'Failed')
      return { state: 'failed', message: state.lastUpdateReason || 'Lambda could not update it' };
    if (state.state === 'Pending' || state.lastUpdate === 'InProgress')
      return { state: 'moving', detail: 'Lambda prepares the image' };
    return { state: 'done', revision: state.version };
  };
  return problemOf(look, waiting);
}

/** Keeps as many execution environments ready as the template says, and waits until they are. Resolves to what is wrong. */
export async function awaitProvisioned(template: FunctionTemplate, waiting: Waiting): Promise<string | undefined> {
  const { functionName, alias, provisionedConcurrency: environments = 0 } = template;
  const { lambda } = waiting;
  const before = await lambda.provisioned(functionName, alias);
  // What a manifest no longer asks for would go on to cost.
  if (environments === 0) {
    if (before !== undefined) await lambda.provision({ functionName, alias, environments });
    return undefined;
  }
  if (before?.requested !== environments) await lambda.provision({ functionName, alias, environments });
  const look = async (): Promise<Look> => {
    const now = await lambda.provisioned(functionName, alias);
    if (now === undefined)
      return { state: 'failed', message: `the provisioned concurrency of ${alias} was taken away` };
    if (now.status === 'FAILED')
      return { state: 'failed', message: `provisioned concurrency failed: ${now.reason || 'Lambda gave no reason'}` };
    if (now.status === 'READY' && now.available >= environments) return { state: 'done', revision: alias };
    return { state: 'moving', detail: `${now.available} of ${environments} environments are ready` };
  };
  return problemOf(look, waiting);
}

async function problemOf(
  look: () => Promise<Look>,
  { clock, pace, signal, say }: Waiting,
): Promise<string | undefined> {
  const following = { clock, pace, signal: signal ?? new AbortController().signal, say: say ?? (() => undefined) };
  const result = await follow(look, following);
  return result.ok ? undefined : result.failure.message;
}
