/**
 * Secrets of a function. ECS puts a secret's value into a variable before it starts a container; Lambda does not, so a function
 * gets the secret's name in `<VARIABLE>_FROM` and fetches the value when it starts.
 */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Environment } from '../config.ts';
import { clientOptions } from './client.ts';

/** The seam to Secrets Manager. @throws when the secret cannot be read */
export type SecretSource = (name: string) => Promise<string | undefined>;

export function createSecretSource(): SecretSource {
  const client = new SecretsManagerClient(clientOptions);
  return async (name) => (await client.send(new GetSecretValueCommand({ SecretId: name }))).SecretString;
}

/**
 * Replaces every `<VARIABLE>_FROM` by `<VARIABLE>`. A secret that cannot be read leaves its variable unset, so that whoever
 * needs it says so and whoever can do without it starts.
 */
export function readSecrets(createSource: () => SecretSource): (environment: Environment) => Promise<Environment> {
  return async (environment) => {
    const wanted = Object.entries(environment).flatMap(([variable, secret]) =>
      variable.endsWith('_FROM') && secret ? [{ variable: variable.slice(0, -'_FROM'.length), secret }] : [],
    );
    if (wanted.length === 0) return environment;
    const read = createSource();
    const values = await Promise.all(
      wanted.map(async ({ variable, secret }) => [variable, await read(secret).catch(() => undefined)] as const),
    );
    return { ...environment, ...Object.fromEntries(values) };
  };
}
