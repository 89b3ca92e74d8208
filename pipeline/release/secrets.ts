import type { Inspect, SecretState } from '../ports/inspect.ts';

/** ARN without json key, stage and version: `arn:aws:secretsmanager:<region>:<account>:secret:<name>`. */
const ARN_PARTS = 7;

export const secretId = (valueFrom: string): string =>
  valueFrom.startsWith('arn:') ? valueFrom.split(':').slice(0, ARN_PARTS).join(':') : valueFrom;

/** The version that a task definition pins; undefined: whatever is current when the container starts. */
export const pinnedVersion = (valueFrom: string): string | undefined =>
  valueFrom.split(':')[ARN_PARTS + 2] || undefined;

/** Parameters of SSM have versions, too, but a container is always given the newest. */
export const isInSecretsManager = (valueFrom: string): boolean => !valueFrom.includes(':ssm:');

/**
 * Environment variable -> version of its secret that a container started now would be given. A secret that may not be looked at is left
 * out: preflight says so.
 */
export async function secretVersions(
  secrets: Readonly<Record<string, string>>,
  inspect: Inspect,
): Promise<Readonly<Record<string, string>>> {
  const versions = await Promise.all(
    Object.entries(secrets)
      .filter(([, valueFrom]) => isInSecretsManager(valueFrom))
      .map(async ([name, valueFrom]) => {
        const pinned = pinnedVersion(valueFrom);
        const state = pinned ? undefined : await inspect.secret(secretId(valueFrom)).catch(() => undefined);
        return [name, pinned ?? state?.current] as const;
      }),
  );
  return Object.fromEntries(versions.flatMap(([name, version]) => (version === undefined ? [] : [[name, version]])));
}

/** What is wrong with the secrets that containers are started with, and the ARNs of those that exist. Empty of problems: each has a value to be given. */
export interface SecretsFound {
  readonly problems: readonly string[];
  readonly arns: readonly string[];
}

/** Looks at each secret, never at its value. */
export async function findSecrets(
  secrets: Readonly<Record<string, string>>,
  inspect: Pick<Inspect, 'secret'>,
): Promise<SecretsFound> {
  const found = await Promise.all(
    Object.entries(secrets)
      .filter(([, valueFrom]) => isInSecretsManager(valueFrom))
      .map(async ([variable, valueFrom]) => {
        const state = await inspect.secret(secretId(valueFrom));
        const name = `secret ${secretId(valueFrom)} (${variable})`;
        return { arn: state?.arn, problem: problemOf(name, state, pinnedVersion(valueFrom)) };
      }),
  );
  return {
    problems: found.flatMap(({ problem }) => problem ?? []),
    arns: found.flatMap(({ arn }) => arn ?? []),
  };
}

function problemOf(name: string, state: SecretState | undefined, version: string | undefined): string | undefined {
  if (state === undefined) return `${name} does not exist; create it`;
  if (state.deleted) return `${name} is being deleted; restore it`;
  if (version && !state.versions.includes(version)) return `version ${version} of ${name} is gone`;
  return state.current === undefined ? `${name} has no value; put one` : undefined;
}
