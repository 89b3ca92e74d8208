import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createStsService } from './service.ts';

const PROVIDER = 'arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com';
const ROLE = 'arn:aws:iam::000000000000:role/slipway-staging';
const NOW = Date.parse('2026-01-01');

/** An OIDC issuer that publishes one key. */
async function startIssuer(): Promise<{ server: Server; address: string; privateKey: KeyObject }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = createServer((request, response) => {
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'key', alg: 'RS256' }];
    const configuration = { issuer: address, jwks_uri: `${address}/.well-known/jwks` };
    response.end(JSON.stringify(request.url === '/.well-known/jwks' ? { keys } : configuration));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, address, privateKey };
}

describe('STS', () => {
  let aws: TestCloud;
  let client: STSClient;
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(() => {
    issuer.server.close();
    issuer.server.closeAllConnections();
  });
  beforeEach(async () => {
    aws = await startTestCloud((cloud) => [createStsService(cloud)], {
      endpoints: { github: issuer.address },
      now: () => NOW,
    });
    client = new STSClient(aws.client);
    putRecord('aws_iam_openid_connect_provider', {
      arn: PROVIDER,
      url: 'https://token.actions.githubusercontent.com',
      client_id_list: ['sts.amazonaws.com'],
    });
    putRole({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: PROVIDER },
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': 'repo:o/r:environment:staging',
        },
      },
    });
  });
  afterEach(() => aws.remove());

  const putRecord = (type: string, attributes: object) =>
    aws.cloud.store.collection(`terraform/${type}`).set('id', { id: 'id', attributes });
  const putRole = (statement: object) =>
    putRecord('aws_iam_role', {
      arn: ROLE,
      max_session_duration: 3600,
      assume_role_policy: JSON.stringify({ Statement: [statement] }),
    });

  function token(claims: object = {}, key = issuer.privateKey, header: object = { alg: 'RS256', kid: 'key' }): string {
    const seconds = NOW / 1000;
    const payload = {
      iss: issuer.address,
      aud: 'sts.amazonaws.com',
      sub: 'repo:o/r:environment:staging',
      iat: seconds,
      exp: seconds + 300,
      ...claims,
    };
    const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
  }
  const assume = (WebIdentityToken: string, more: object = {}) =>
    client.send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: ROLE, RoleSessionName: 'run-1', WebIdentityToken, ...more }),
    );

  test('a genuine token gives credentials of the role', async () => {
    const { Credentials, AssumedRoleUser, Provider } = await assume(token());
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::000000000000:assumed-role/slipway-staging/run-1');
    expect(Provider).toBe(PROVIDER);
    expect(Credentials?.Expiration).toEqual(new Date(NOW + 3_600_000));
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
    };
    const identity = await new STSClient({ ...aws.client, credentials }).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(AssumedRoleUser?.Arn);
  });

  test('who does not match is refused; only the log says why', async () => {
    const refused = assume(token({ sub: 'repo:o/r:pull_request' }));
    await expect(refused).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      $metadata: { httpStatusCode: 403 },
    });
    const logged = aws.events.find(({ source }) => source === 'sts');
    expect(logged?.message).toContain('expected repo:o/r:environment:staging, got repo:o/r:pull_request');
    await expect(assume(token(), { RoleArn: `${ROLE}-other` })).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test.each([
    [
      'a foreign signature',
      () => token({}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
      'InvalidIdentityToken',
    ],
    ['an unsigned token', () => token({}, issuer.privateKey, { alg: 'none', kid: 'key' }), 'InvalidIdentityToken'],
    ['another issuer', () => token({ iss: 'https://elsewhere' }), 'InvalidIdentityToken'],
    ['another audience', () => token({ aud: 'elsewhere' }), 'InvalidIdentityToken'],
    ['no subject', () => token({ sub: undefined }), 'InvalidIdentityToken'],
    ['a token of the past', () => token({ exp: NOW / 1000 - 1 }), 'ExpiredTokenException'],
    ['a token of the future', () => token({ nbf: NOW / 1000 + 60 }), 'InvalidIdentityToken'],
    ['no token at all', () => 'nonsense', 'InvalidIdentityToken'],
  ])('%s is refused', async (_what, make, name) => {
    await expect(assume(make())).rejects.toMatchObject({ name: expect.stringMatching(name) });
  });

  test('a session is not longer than the role allows', async () => {
    await expect(assume(token(), { DurationSeconds: 7200 })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('an issuer that does not answer is said so', async () => {
    const lonely = await startTestCloud((cloud) => [createStsService(cloud)], {
      endpoints: { github: 'http://127.0.0.1:1' },
    });
    const call = lonely.cloud.invoke('sts', 'AssumeRoleWithWebIdentity', {
      RoleArn: ROLE,
      RoleSessionName: 's',
      WebIdentityToken: token(),
    });
    await expect(call).rejects.toMatchObject({ name: 'IDPCommunicationErrorException' });
    await lonely.remove();
  });

  test('the account may take on roles that trust it', async () => {
    const ask = () => client.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'me' }));
    await expect(ask()).rejects.toMatchObject({ name: 'AccessDenied' });
    putRole({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::000000000000:root' } });
    expect((await ask()).AssumedRoleUser?.Arn).toContain('assumed-role/slipway-staging/me');
  });
});
