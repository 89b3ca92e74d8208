import type { Inspect } from '../ports/inspect.ts';
import type { Template } from './template.ts';

/** ARN without json key, stage and version: `arn:aws:secretsmanager:<region>:<account>:secret:<name>`. */
const ARN_PARTS = 7;

export const secretId = (valueFrom: string): string =>
  valueFrom.startsWith('arn:') ? valueFrom.split(':').slice(0, ARN_PARTS).join(':') : valueFrom;

/** The version that a task definition pins; undefined: whatever is current when the container starts. */
export const pinnedVersion = (valueFrom: string): string | undefined =>
  valueFrom.split(':')[ARN_PARTS + 2] || undefined;

/** Parameters of SSM have versions, too, but a container is always given the newest. */
export const isInSecretsManager = (valueFrom: string): boolean => !valueFrom.includes(':ssm:');

/** Environment variable -> the secret of a service that runs as tasks. */
export function declaredSecrets(template: Template): Readonly<Record<string, string>> {
  if (template.kind === 'function') return {};
  const [container] = template.taskDefinition.containerDefinitions;
  const secrets = (container['secrets'] ?? []) as readonly { readonly name: string; readonly valueFrom: string }[];
  return Object.fromEntries(secrets.map(({ name, valueFrom }) => [name, valueFrom]));
}

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
