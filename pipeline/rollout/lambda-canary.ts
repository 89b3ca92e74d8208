import { bakeMinutes, DEFAULT_PERCENT } from '../manifest/rollout.ts';
import type { FunctionTemplate } from '../release/template.ts';
import type { LambdaWatching } from './lambda-wait.ts';
import { follow, type Look } from './pace.ts';

/** A canary has failed once more of its invocations fail than this share, and more than the old version's do. */
const TOLERATED_SHARE = 0.01;
/** Fewer errors than this say nothing. */
const MINIMUM_ERRORS = 2;
const LOOK_MS = 5_000;

interface Counts {
  readonly invocations: number;
  readonly errors: number;
}

const shareOf = ({ errors, invocations }: Counts): number => (invocations === 0 ? 0 : errors / invocations);

/** Whether the new version fails more than the old one does and more than is tolerated. Pure. */
export function isWorse(canary: Counts, old: Counts): boolean {
  if (canary.errors < MINIMUM_ERRORS) return false;
  return shareOf(canary) > TOLERATED_SHARE && shareOf(canary) > shareOf(old);
}

/**
 * Gives `version` its share of the requests for a while and watches its errors; a bad one loses its share at once. Resolves to what is
 * wrong. https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
export async function bakeCanary(
  template: FunctionTemplate,
  version: string,
  watching: LambdaWatching,
): Promise<string | undefined> {
  const { functionName, alias, rollout } = template;
  const { lambda, observe, clock, pace, signal, say } = watching;
  const start = await lambda.alias(functionName, alias);
  if (start === undefined) return `function ${functionName} has no alias ${alias}`;
  // Nothing to compare with: the alias points at the version already, or no release ever served.
  if (start.version === version || start.version === '$LATEST') return undefined;
  const share = (rollout?.percent ?? DEFAULT_PERCENT) / 100;
  const begin = {
    functionName,
    alias,
    version: start.version,
    canary: { version, share },
    revisionId: start.revisionId,
  };
  if ((await lambda.moveAlias(begin)) !== 'moved') return `alias ${alias} was changed by someone else`;
  const since = clock.now();
  const bakeMs = (bakeMinutes(rollout) * 60_000) / (pace.speed ?? 1);

  const look = async (): Promise<Look> => {
    const now = await lambda.alias(functionName, alias);
    if (now?.version !== start.version || now.canary?.version !== version) {
      return { state: 'failed', message: `alias ${alias} was changed by someone else while the canary ran` };
    }
    const count = (which: string) => observe.invocations({ functionName, alias, version: which, since });
    const [canary, old] = await Promise.all([count(version), count(start.version)]);
    const words = `${canary.errors} of ${canary.invocations} invocations failed`;
    if (isWorse(canary, old))
      return { state: 'failed', message: `canary: ${words}, of the old version ${old.errors} of ${old.invocations}` };
    if (clock.now() - since >= bakeMs) return { state: 'done', revision: version };
    return { state: 'moving', detail: `canary has ${share * 100} % of the requests: ${words}` };
  };
  const lookMs = Math.max(pace.pollMs, Math.min(LOOK_MS, bakeMs / 4));
  let isGood = false;
  try {
    const result = await follow(look, { clock, pace: { ...pace, pollMs: lookMs }, bakeMs, signal, say });
    isGood = result.ok;
    return result.ok ? undefined : result.failure.message;
  } finally {
    if (!isGood) await endCanary(template, version, watching);
  }
}

/** Takes the share away, whatever ended the canary. */
async function endCanary({ functionName, alias }: FunctionTemplate, version: string, { lambda }: LambdaWatching) {
  const now = await lambda.alias(functionName, alias);
  if (now?.canary?.version !== version) return;
  await lambda.moveAlias({ functionName, alias, version: now.version, revisionId: now.revisionId });
}
