import type { Clock } from '../ports/clock.ts';
import type { Lambda } from '../ports/lambda.ts';
import type { Observe } from '../ports/observe.ts';
import type { FunctionTemplate } from '../release/template.ts';
import type { RolloutPace } from './ecs-service.ts';
import { failed, type Mover, moved, type Target } from './mover.ts';

export interface LambdaMoverPorts {
  readonly lambda: Lambda;
  readonly observe: Observe;
  readonly clock: Clock;
  readonly pace: RolloutPace;
}

/** `function`: a published version moves by its alias, in one call. */
export function createLambdaMover(template: FunctionTemplate, { lambda, clock, pace }: LambdaMoverPorts): Mover {
  const { functionName, alias } = template;

  /** Lambda refuses changes while an earlier one is in progress, Terraform's for instance. */
  async function settled(version: string | undefined, signal?: AbortSignal): Promise<string | undefined> {
    const deadline = clock.now() + pace.timeoutMs;
    while (clock.now() < deadline) {
      const state = await lambda.describe(functionName, version);
      if (state === undefined)
        return `function ${functionName}${version === undefined ? '' : `:${version}`} does not exist`;
      if (state.state === 'Failed') return state.stateReason || 'Lambda could not activate it';
      if (state.lastUpdate === 'Failed') return state.lastUpdateReason || 'Lambda could not update it';
      if (state.state !== 'Pending' && state.lastUpdate !== 'InProgress') return undefined;
      await clock.sleep(pace.pollMs, signal);
    }
    return `not active after ${Math.round(pace.timeoutMs / 1000)} s`;
  }

  return {
    serving: async () => (await lambda.alias(functionName, alias))?.version,
    async prove(target) {
      const [current, version] = await Promise.all([
        lambda.alias(functionName, alias),
        target.revision === undefined ? undefined : lambda.describe(functionName, target.revision),
      ]);
      if (current === undefined) return `function ${functionName} has no alias ${alias}; run the provision action`;
      if (target.revision !== undefined && version === undefined) {
        return `version ${target.revision} of function ${functionName} does not exist any more`;
      }
      return undefined;
    },
    async prepare(target) {
      if (target.revision !== undefined) return target;
      await settled(undefined);
      const imageUri = `${template.repositoryUrl}@${target.digest}`;
      return { ...target, revision: await lambda.publish({ functionName, imageUri }) };
    },
    async move(target: Target, signal) {
      const version = target.revision;
      if (version === undefined) throw new Error(`${template.service} is moved to a version that was not prepared`);
      const problem = await settled(version, signal);
      if (problem !== undefined) return failed({ message: `version ${version}: ${problem}` });
      const current = await lambda.alias(functionName, alias);
      if (current === undefined) return failed({ message: `function ${functionName} has no alias ${alias}` });
      if (current.version === version) return moved(version);
      const update = await lambda.moveAlias({ functionName, alias, version, revisionId: current.revisionId });
      return update === 'moved' ? moved(version) : failed({ message: `alias ${alias} was ${update}` });
    },
    // An alias has to point somewhere: where no release ever served, the bootstrap image has nothing better to offer.
    withdraw: async () => undefined,
  };
}
