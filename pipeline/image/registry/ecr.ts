import { ECRClient, type ECRClientConfig, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { Credentials, CredentialsProvider } from './authorization.ts';

export interface EcrRegistry {
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com`, or what stands in for it. */
  readonly host: string;
  readonly credentials: CredentialsProvider;
}

/** A token is renewed when it has less than this left of its twelve hours. */
const MARGIN_MILLISECONDS = 10 * 60_000;

interface Token {
  readonly host: string;
  readonly credentials: Credentials;
  readonly expires: number;
}

/**
 * The account's own registry, and credentials for it that renew themselves. Throws what the AWS SDK throws.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
export async function connectEcr(config: ECRClientConfig = {}): Promise<EcrRegistry> {
  const client = new ECRClient(config);
  let token = await fetchToken(client);
  const credentials: CredentialsProvider = async ({ refresh }) => {
    if (refresh || token.expires - MARGIN_MILLISECONDS < Date.now()) token = await fetchToken(client);
    return token.credentials;
  };
  return { host: token.host, credentials };
}

async function fetchToken(client: ECRClient): Promise<Token> {
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const [data] = authorizationData ?? [];
  if (!data?.authorizationToken || !data.proxyEndpoint) throw new Error('ECR answered without an authorization token');
  const [username = '', password = ''] = Buffer.from(data.authorizationToken, 'base64').toString().split(':');
  return {
    host: new URL(data.proxyEndpoint).host,
    credentials: { username, password },
    expires: data.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}
