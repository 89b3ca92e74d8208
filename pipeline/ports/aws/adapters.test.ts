import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEcs } from './ecs.ts';
import { createImages } from './images.ts';
import { createLambda } from './lambda.ts';
import { createTemplates } from './templates.ts';

interface Call {
  /** `AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition`, or method and path of a REST service. */
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Answers as AWS would, and keeps what it was asked. */
let answer: (call: Call) => { status?: number; error?: string; body?: object };
let calls: Call[];
let server: Server;
let options: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target'] ?? `${request.method} ${request.url}`);
      const call = { operation, input: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>) };
      calls.push(call);
      const { status, error, body: reply = {} } = answer(call);
      const headers = { 'content-type': 'application/json', ...(error && { 'x-amzn-errortype': error }) };
      response.writeHead(status ?? (error ? 400 : 200), headers);
      response.end(JSON.stringify(error ? { __type: error, message: error } : reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  options = { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials };
});
afterAll(() => void server.close());
beforeEach(() => {
  calls = [];
});

test('a revision is registered again without what only describing it adds', async () => {
  const input = { family: 'staging-batch', containerDefinitions: [{ name: 'batch', image: 'x@sha256:1' }] };
  const arn = 'arn:aws:ecs:us-east-1:000000000000:task-definition/staging-batch:7';
  answer = () => ({
    body: {
      taskDefinition: {
        ...input,
        taskDefinitionArn: arn,
        revision: 7,
        status: 'INACTIVE',
        compatibilities: ['EC2'],
        registeredAt: 1,
      },
    },
  });
  const ecs = createEcs(options);
  const found = await ecs.describeTaskDefinition(arn);
  expect(found).toEqual({ arn, active: false, input });
  if (found === undefined) throw new Error('not found');
  await ecs.register(found.input);
  expect(calls.at(-1)).toMatchObject({ operation: expect.stringContaining('RegisterTaskDefinition'), input });
  expect(Object.keys(calls.at(-1)?.input ?? {})).toEqual(Object.keys(input));
});

test('a service, cluster or revision that does not exist is undefined, other faults throw', async () => {
  const ecs = createEcs(options);
  answer = () => ({ body: { services: [], failures: [{ reason: 'MISSING' }] } });
  expect(await ecs.describeService({ cluster: 'c', service: 's' })).toBeUndefined();
  answer = () => ({ error: 'ClusterNotFoundException' });
  expect(await ecs.describeService({ cluster: 'c', service: 's' })).toBeUndefined();
  answer = () => ({ error: 'ClientException' });
  expect(await ecs.describeTaskDefinition('f:1')).toBeUndefined();
  answer = () => ({ error: 'AccessDeniedException' });
  await expect(ecs.describeService({ cluster: 'c', service: 's' })).rejects.toThrow('AccessDeniedException');
});

test('an image that ECR does not find does not exist', async () => {
  const images = createImages(options);
  const url = '000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway/web';
  answer = () => ({ body: { imageDetails: [{ imageDigest: 'sha256:1' }] } });
  expect(await images.exists(url, 'sha256:1')).toBe(true);
  expect(calls[0]?.input).toEqual({ repositoryName: 'slipway/web', imageIds: [{ imageDigest: 'sha256:1' }] });
  answer = () => ({ error: 'ImageNotFoundException' });
  expect(await images.exists(url, 'sha256:2')).toBe(false);
});

test('an alias moves only when nobody else moved it', async () => {
  const lambda = createLambda(options);
  const request = { functionName: 'staging-scorer', alias: 'live', version: '8', revisionId: 'r1' };
  answer = () => ({ body: {} });
  expect(await lambda.moveAlias(request)).toBe('moved');
  expect(calls[0]).toEqual({
    operation: 'PUT /2015-03-31/functions/staging-scorer/aliases/live',
    input: { FunctionVersion: '8', RevisionId: 'r1', RoutingConfig: { AdditionalVersionWeights: {} } },
  });
  answer = () => ({ status: 412, error: 'PreconditionFailedException' });
  expect(await lambda.moveAlias(request)).toBe('changed by someone else');
  answer = () => ({ status: 404, error: 'ResourceNotFoundException' });
  expect(await lambda.alias('gone', 'live')).toBeUndefined();
  expect(await lambda.describe('gone', '3')).toBeUndefined();
});

test('templates are read to the last page, and their version is the hash of what was published', async () => {
  const value = (service: string) => JSON.stringify({ service, kind: 'job', checks: [] });
  answer = ({ input }) =>
    input['NextToken'] === undefined
      ? { body: { Parameters: [{ Name: '/slipway/staging/services/a', Value: value('a') }], NextToken: 'more' } }
      : { body: { Parameters: [{ Name: '/slipway/staging/services/b', Value: value('b') }] } };
  const templates = await createTemplates({ ...options, app: 'slipway' }).load('staging');
  expect(Object.keys(templates)).toEqual(['a', 'b']);
  expect(templates['a']?.version).toMatch(/^[0-9a-f]{64}$/);
  expect(templates['a']?.version).not.toBe(templates['b']?.version);
  expect(calls[0]?.input).toMatchObject({ Path: '/slipway/staging/services', MaxResults: 10 });
});

test.each(['{', '{"service":"a"}', 'null'])('a template that is %s is named', async (value) => {
  answer = () => ({ body: { Parameters: [{ Name: '/slipway/staging/services/a', Value: value }] } });
  const { load } = createTemplates({ ...options, app: 'slipway' });
  await expect(load('staging')).rejects.toThrow('/slipway/staging/services/a');
});
