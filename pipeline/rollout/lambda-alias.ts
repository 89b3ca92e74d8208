import { isShifted } from '../manifest/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lambda } from '../ports/lambda.ts';
import type { Observe } from '../ports/observe.ts';
import type { FunctionTemplate } from '../release/template.ts';
import { bakeCanary } from './lambda-canary.ts';
import { tidyVersions } from './lambda-versions.ts';
import { awaitProvisioned, settled } from './lambda-wait.ts';
import { type Evidence, failed, type MoveResult, type Mover, moved } from './mover.ts';
import type { RolloutPace } from './pace.ts';
import { redact } from './redact.ts';

export interface LambdaMoverPorts {
  readonly lambda: Lambda;
  readonly observe: Observe;
  readonly clock: Clock;
  readonly pace: RolloutPace;
}

const LOG_LINES = 20;

/** `function`: a published version moves by its alias, in one call, or after a canary has had its share of the requests. */
export function createLambdaMover(template: FunctionTemplate, ports: LambdaMoverPorts): Mover {
  const { lambda, observe, clock } = ports;
  const { functionName, alias } = template;

  /** Points the alias at `version` alone, unless someone else does something with it meanwhile. */
  async function point(version: string): Promise<string | undefined> {
    const current = await lambda.alias(functionName, alias);
    if (current === undefined) return `function ${functionName} has no alias ${alias}`;
    if (current.version === version && current.canary === undefined) return undefined;
    const update = await lambda.moveAlias({ functionName, alias, version, revisionId: current.revisionId });
    return update === 'moved' ? undefined : `alias ${alias} was ${update}`;
  }

  /** Resolves to what is wrong unless every request goes to `version`. */
  async function confirm(version: string): Promise<string | undefined> {
    const now = await lambda.alias(functionName, alias);
    if (now?.version === version && now.canary === undefined) return undefined;
    return `alias ${alias} points at ${now === undefined ? 'nothing' : `version ${now.version}`}: someone else changed it`;
  }

  async function explain(version: string): Promise<Evidence> {
    if (template.logGroup === undefined) return {};
    // The stream of an execution environment: 2026/11/21/<function>[<version>]<id>
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const streamPrefix = `${day}/${functionName}[${version}]`;
    const logs = await observe
      .lastLogLines({ group: template.logGroup, streamPrefix, lines: LOG_LINES })
      .catch(() => []);
    return logs.length === 0 ? {} : { logs: logs.map(redact) };
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
      await settled(template, undefined, ports);
      const imageUri = `${template.repositoryUrl}@${target.digest}`;
      return { ...target, revision: await lambda.publish({ functionName, imageUri }), isNew: true };
    },
    async move(target, signal, say = () => undefined): Promise<MoveResult> {
      const version = target.revision;
      if (version === undefined) throw new Error(`${template.service} is moved to a version that was not prepared`);
      const watching = { ...ports, signal, say };
      const inactive = await settled(template, version, watching);
      if (inactive !== undefined) return failed({ message: `version ${version}: ${inactive}` });
      // What served before is not tried out again: going back is quick.
      const problem =
        (isShifted(template.rollout) && target.isNew ? await bakeCanary(template, version, watching) : undefined) ??
        (await point(version)) ??
        (await awaitProvisioned(template, watching)) ??
        (await confirm(version));
      return problem === undefined ? moved(version) : failed({ message: problem, ...(await explain(version)) });
    },
    explain,
    tidy: (needed) => tidyVersions(template, needed, lambda),
    // An alias has to point somewhere: where no release ever served, the bootstrap image has nothing better to offer.
    withdraw: async () => undefined,
  };
}
