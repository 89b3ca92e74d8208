import { gzipSync } from 'node:zlib';
import { CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { startTestCloud, type TestCloud } from './kit/test-cloud.ts';
import { createStsService } from './sts/service.ts';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0';

describe('AWS server', () => {
  let aws: TestCloud;
  beforeAll(async () => {
    aws = await startTestCloud((cloud) => [
      createStsService(cloud),
      { name: 's3', operations: {} },
      { name: 'lambda', operations: {} },
      {
        name: 'ssm',
        operations: {
          PutParameter: (input) => ({ Version: input.Value.length }),
          GetParameter: () => {
            throw new TypeError('a bug');
          },
        },
      },
    ]);
  });
  afterAll(() => aws.remove());

  const post = (body: string | Buffer, headers: Record<string, string>) =>
    fetch(aws.client.endpoint, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
  const put = (body: string | Buffer, headers: Record<string, string> = {}) =>
    post(body, { authorization: AUTHORIZATION, 'x-amz-target': 'AmazonSSM.PutParameter', ...headers });

  test('answers the caller, over HTTP and in process', async () => {
    const identity = { Account: '000000000000', Arn: 'arn:aws:iam::000000000000:user/local' };
    expect(await new STSClient(aws.client).send(new GetCallerIdentityCommand({}))).toMatchObject(identity);
    expect(await aws.cloud.invoke('sts', 'GetCallerIdentity', {})).toMatchObject(identity);
  });

  test.each([
    [
      'Query',
      'sts:GetFederationToken',
      () => new STSClient(aws.client).send(new GetFederationTokenCommand({ Name: 'n' })),
    ],
    [
      'REST-JSON',
      'lambda:GetFunction',
      () => new LambdaClient(aws.client).send(new GetFunctionCommand({ FunctionName: 'f' })),
    ],
    [
      'REST-XML',
      's3:PutObjectTagging',
      () =>
        new S3Client({ ...aws.client, forcePathStyle: true }).send(
          new PutObjectTaggingCommand({ Bucket: 'b', Key: 'k', Tagging: { TagSet: [] } }),
        ),
    ],
    ['unknown service', 'ecs:CreateCluster', () => new ECSClient(aws.client).send(new CreateClusterCommand({}))],
  ])('refuses what it does not serve by name (%s)', async (_protocol, name, call) => {
    await expect(call()).rejects.toMatchObject({
      name: 'UnsupportedOperation',
      message: `${name} is not supported by the local cloud`,
      $metadata: { httpStatusCode: 501 },
    });
  });

  test('a bug is a 500 with a logged stack, and the server goes on', async () => {
    const call = new SSMClient(aws.client).send(new GetParameterCommand({ Name: '/a' }));
    await expect(call).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    expect(aws.events.at(-1)).toMatchObject({ message: 'ssm:GetParameter failed unexpectedly' });
    expect(aws.events.at(-1)?.['stack']).toContain('TypeError: a bug');
    expect((await put('{"Name":"/a","Value":"12"}')).status).toBe(200);
  });

  test('accepts gzip bodies', async () => {
    const response = await put(gzipSync('{"Name":"/a","Value":"123"}'), { 'content-encoding': 'gzip' });
    expect(await response.json()).toEqual({ Version: 3 });
  });

  test.each([
    ['not JSON', '{', 'SerializationException', 'body: expected JSON'],
    ['wrong type', '{"Name":5,"Value":"v"}', 'SerializationException', '$.Name: expected a string'],
    ['wrong shape', '[]', 'SerializationException', '$: expected an object'],
    ['missing member', '{"Name":"/a"}', 'ValidationException', 'Missing required parameter: Value'],
  ])('refuses a body that is %s', async (_what, body, type, message) => {
    const response = await put(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ __type: type, message });
  });

  test('refuses a broken gzip body', async () => {
    expect((await put('nonsense', { 'content-encoding': 'gzip' })).status).toBe(400);
  });

  test('wants an access key', async () => {
    const response = await post('{}', { 'x-amz-target': 'AmazonSSM.PutParameter' });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationToken' });
  });

  test('a method that S3 does not have is a 405 in XML', async () => {
    const headers = { authorization: AUTHORIZATION.replace('/ssm/', '/s3/') };
    const response = await fetch(`${aws.client.endpoint}/bucket/key`, { method: 'PATCH', headers });
    expect(response.status).toBe(405);
    expect(await response.text()).toContain('<Code>MethodNotAllowed</Code>');
  });
});
