import type * as sdk from '@aws-sdk/client-ecs';
import type { Cloud } from '../../cloud.ts';

export class SecretUnavailable extends Error {}

/**
 * Reads what a container's `secrets` name: `valueFrom` is the ARN of a Secrets Manager secret, optionally with `:json-key:stage:version`, or the name or ARN of an SSM parameter.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
export async function resolveSecrets(cloud: Cloud, secrets: readonly sdk.Secret[]): Promise<Record<string, string>> {
  const resolved = await Promise.all(
    secrets.map(async ({ name = '', valueFrom = '' }) => [name, await resolve(cloud, valueFrom)] as const),
  );
  return Object.fromEntries(resolved);
}

async function resolve(cloud: Cloud, valueFrom: string): Promise<string> {
  try {
    return valueFrom.startsWith('arn:aws:secretsmanager:')
      ? await fromSecretsManager(cloud, valueFrom)
      : await fromParameter(cloud, valueFrom);
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new SecretUnavailable(
      `ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from ${valueFrom}: ${reason}`,
    );
  }
}

async function fromSecretsManager(cloud: Cloud, valueFrom: string): Promise<string> {
  const parts = valueFrom.split(':');
  const [jsonKey, stage, version] = parts.slice(7);
  const { SecretString = '' } = await cloud.invoke<{ SecretString?: string }>('secretsmanager', 'GetSecretValue', {
    SecretId: parts.slice(0, 7).join(':'),
    ...(stage ? { VersionStage: stage } : {}),
    ...(version ? { VersionId: version } : {}),
  });
  if (!jsonKey) return SecretString;
  const value = (JSON.parse(SecretString) as Record<string, unknown>)[jsonKey];
  if (value === undefined) throw new Error(`retrieved secret did not contain json key ${jsonKey}`);
  return String(value);
}

async function fromParameter(cloud: Cloud, valueFrom: string): Promise<string> {
  const name = valueFrom.startsWith('arn:')
    ? valueFrom.slice(valueFrom.indexOf(':parameter') + ':parameter'.length)
    : valueFrom;
  const { Parameter } = await cloud.invoke<{ Parameter?: { Value?: string } }>('ssm', 'GetParameter', {
    Name: name,
    WithDecryption: true,
  });
  return Parameter?.Value ?? '';
}
