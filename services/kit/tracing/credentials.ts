import type { Environment } from '../config.ts';
import type { Credentials } from './sign.ts';

/** Where ECS answers containers about their task's role. */
const HOST = 'http://169.254.170.2';
/** Renewed before they end. */
const EARLY_MILLISECONDS = 5 * 60_000;
const TIMEOUT_MILLISECONDS = 2_000;

/**
 * Credentials of the task's role, asked for again before they end.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function containerCredentials(environment: Environment, now: () => number = Date.now) {
  let known: { readonly credentials: Credentials; readonly until: number } | undefined;
  return async (): Promise<Credentials> => {
    if (known === undefined || known.until - EARLY_MILLISECONDS < now()) known = await ask(environment);
    return known.credentials;
  };
}

async function ask(environment: Environment): Promise<{ credentials: Credentials; until: number }> {
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = relative ? `${HOST}${relative}` : environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (!url) throw new Error('there are no credentials of a task: traces are sent from ECS only');
  const token = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  const answer = await fetch(url, {
    headers: token ? { authorization: token } : {},
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  if (!answer.ok) throw new Error(`the container's credentials were answered with ${answer.status}`);
  const { AccessKeyId = '', SecretAccessKey = '', Token, Expiration } = (await answer.json()) as Record<string, string>;
  return {
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token },
    until: Date.parse(Expiration ?? '') || Number.POSITIVE_INFINITY,
  };
}
