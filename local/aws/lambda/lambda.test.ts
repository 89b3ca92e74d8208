import { spawn } from 'node:child_process';
import type { Container, ContainerSpec, Runtime } from '../../runtime/runtime.ts';
import { createTestCloud, type TestCloud, until } from '../../runtime/testing/cloud.ts';
import { createCloudWatchService } from '../cloudwatch/service.ts';
import type { AwsService } from '../kit/service.ts';
import { createLambdaService } from './service.ts';

const DIGESTS: Record<string, string> = { one: `sha256:${'1'.repeat(64)}`, two: `sha256:${'2'.repeat(64)}` };
const REPOSITORY = '127.0.0.1:1/slipway/scorer';

/** A runtime whose images are small Node programs: the digest chooses what the function answers. */
function fakeRuntime(): Runtime & { readonly started: ContainerSpec[] } {
  const started: ContainerSpec[] = [];
  return {
    mode: 'direct',
    limitations: 'a test',
    started,
    prepare: async () => undefined,
    reap: async () => 0,
    start: async (spec) => {
      started.push(spec);
      const label = spec.image.endsWith('1') ? 'one' : 'two';
      const child = spawn(process.execPath, ['-e', PROGRAM, label], {
        env: { ...spec.environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.stdout.setEncoding('utf8').on('data', (text: string) => spec.onOutput(text.trimEnd(), 'stdout'));
      const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
        child.on('exit', (code, signal) => resolve({ code, signal })),
      );
      const container: Container = {
        id: spec.id,
        pid: child.pid ?? 0,
        exited,
        stop: () => {
          child.kill('SIGKILL');
          return exited;
        },
      };
      return container;
    },
  };
}

const PROGRAM = `
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
(async () => {
  for (;;) {
    const next = await fetch(api + 'next');
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const event = await next.json();
    console.log('event ' + JSON.stringify(event));
    if (event.exit) process.exit(3);
    if (event.sleep) await new Promise((resolve) => setTimeout(resolve, event.sleep));
    if (event.fail) await fetch(api + id + '/error', { method: 'POST', body: JSON.stringify({ errorType: 'Bad', errorMessage: 'no' }) });
    else await fetch(api + id + '/response', { method: 'POST', body: JSON.stringify({ image: process.argv[1], pid: process.pid }) });
  }
})();`;

const logs: AwsService = {
  name: 'logs',
  operations: {
    CreateLogGroup: () => ({}),
    CreateLogStream: () => ({}),
    PutLogEvents: (input) => ({ count: written.push(input.logEvents[0].message) }),
  },
};
const ecr: AwsService = {
  name: 'ecr',
  operations: {
    DescribeImages: ({ imageIds: [{ imageTag, imageDigest }] }) => ({
      imageDetails: [{ imageDigest: imageDigest ?? DIGESTS[imageTag] }],
    }),
  },
};
let written: string[] = [];
let test_: TestCloud;
let runtime: ReturnType<typeof fakeRuntime>;
const call = <Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> =>
  test_.cloud.invoke<Output>('lambda', operation, input);

async function invoke(event: object, qualifier?: string) {
  const payload = Buffer.from(JSON.stringify(event));
  const result = await call<{ Payload: Buffer; FunctionError?: string; ExecutedVersion: string }>('Invoke', {
    FunctionName: 'scorer',
    Payload: payload,
    ...(qualifier ? { Qualifier: qualifier } : {}),
  });
  return { ...result, body: JSON.parse(result.Payload.toString('utf8')) as Record<string, unknown> };
}

beforeEach(async () => {
  written = [];
  test_ = createTestCloud();
  runtime = fakeRuntime();
  test_.add(logs, ecr, createCloudWatchService(test_.cloud), createLambdaService(test_.cloud, runtime));
  await call('CreateFunction', {
    FunctionName: 'scorer',
    Role: 'arn:aws:iam::000000000000:role/r',
    Code: { ImageUri: `${REPOSITORY}:one` },
    Timeout: 1,
  });
  await until(
    'active',
    async () => (await call('GetFunctionConfiguration', { FunctionName: 'scorer' }))['State'] === 'Active',
  );
});

afterEach(() => test_.close());

test('a function runs its image, stays warm and logs', async () => {
  const first = await invoke({ n: 1 });
  const second = await invoke({ n: 2 });
  expect(first.body['image']).toBe('one');
  expect(second.body['pid']).toBe(first.body['pid']);
  await until('log line', () => written.includes('event {"n":2}'));
});

test('an alias moves from version to version by compare-and-set', async () => {
  const one = await call('PublishVersion', { FunctionName: 'scorer' });
  const alias = await call('CreateAlias', { FunctionName: 'scorer', Name: 'live', FunctionVersion: one['Version'] });
  const two = await call('UpdateFunctionCode', {
    FunctionName: 'scorer',
    ImageUri: `${REPOSITORY}@${DIGESTS['two']}`,
    Publish: true,
  });
  expect([one['Version'], two['Version']]).toEqual(['1', '2']);
  expect((await invoke({}, 'live')).body['image']).toBe('one');

  await call('UpdateAlias', {
    FunctionName: 'scorer',
    Name: 'live',
    FunctionVersion: '2',
    RevisionId: alias['RevisionId'],
  });
  expect(await invoke({}, 'live')).toMatchObject({ ExecutedVersion: '2', body: { image: 'two' } });
  await expect(
    call('UpdateAlias', {
      FunctionName: 'scorer',
      Name: 'live',
      FunctionVersion: '1',
      RevisionId: alias['RevisionId'],
    }),
  ).rejects.toMatchObject({ name: 'PreconditionFailedException', status: 412 });
});

test('publishing without a change gives the same version again', async () => {
  const versions = [
    await call('PublishVersion', { FunctionName: 'scorer' }),
    await call('PublishVersion', { FunctionName: 'scorer' }),
  ];
  expect(versions.map(({ Version }) => Version)).toEqual(['1', '1']);
});

test('a timeout ends the environment, and the next invocation gets a new one', async () => {
  const before = await invoke({});
  const slow = await invoke({ sleep: 60_000 });
  expect(slow).toMatchObject({ FunctionError: 'Unhandled', body: { errorType: 'Sandbox.Timedout' } });
  const after = await invoke({});
  expect(after.body['pid']).not.toBe(before.body['pid']);
});

test("errors and exits of the runtime are the invocation's, not the server's", async () => {
  expect(await invoke({ fail: true })).toMatchObject({ FunctionError: 'Unhandled', body: { errorType: 'Bad' } });
  expect(await invoke({ exit: true })).toMatchObject({
    FunctionError: 'Unhandled',
    body: { errorMessage: 'Runtime exited with exit status 3' },
  });
  expect((await invoke({})).body['image']).toBe('one');
});

test('concurrent invocations run in environments of their own', async () => {
  const pids = await Promise.all([invoke({ sleep: 100 }), invoke({ sleep: 100 }), invoke({ sleep: 100 })]);
  expect(new Set(pids.map(({ body }) => body['pid'])).size).toBe(3);
});

test('a function that does not exist is named', async () => {
  await expect(call('GetFunction', { FunctionName: 'other' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:other',
  });
});

test('an image that ECR does not have is refused before anything changes', async () => {
  const before = await call('GetFunction', { FunctionName: 'scorer' });
  await expect(
    call('UpdateFunctionCode', { FunctionName: 'scorer', ImageUri: `${REPOSITORY}:three` }),
  ).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
  expect(await call('GetFunction', { FunctionName: 'scorer' })).toEqual(before);
});

test('the environment of the function is its own and nothing else', async () => {
  await invoke({});
  const { environment } = runtime.started[0] ?? { environment: {} };
  expect(Object.keys(environment)).not.toContain('HOME');
  expect(environment).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'scorer',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_REGION: 'us-east-1',
  });
});

describe('behind an alias', () => {
  const alias = { FunctionName: 'scorer', Name: 'live' };
  beforeEach(async () => {
    await call('PublishVersion', { FunctionName: 'scorer' });
    await call('CreateAlias', { ...alias, FunctionVersion: '1' });
  });

  test('provisioned environments start beforehand and belong to the version that the alias points at', async () => {
    const config = { FunctionName: 'scorer', Qualifier: 'live' };
    await expect(call('GetProvisionedConcurrencyConfig', config)).rejects.toMatchObject({
      name: 'ProvisionedConcurrencyConfigNotFoundException',
    });
    await call('PutProvisionedConcurrencyConfig', { ...config, ProvisionedConcurrentExecutions: 2 });
    const ready = () =>
      until('ready', async () => (await call('GetProvisionedConcurrencyConfig', config))['Status'] === 'READY');
    await ready();
    expect(runtime.started.map(({ environment }) => environment['AWS_LAMBDA_FUNCTION_VERSION'])).toEqual(['1', '1']);
    expect((await invoke({}, 'live')).body).toMatchObject({ image: 'one' });
    expect(runtime.started).toHaveLength(2);
    await call('UpdateFunctionCode', { FunctionName: 'scorer', ImageUri: `${REPOSITORY}:two`, Publish: true });
    await call('UpdateAlias', { ...alias, FunctionVersion: '2' });
    await ready();
    expect((await invoke({}, 'live')).body).toMatchObject({ image: 'two' });
    expect(runtime.started).toHaveLength(4);
  });

  test('invocations and errors are counted by the version that ran', async () => {
    await invoke({}, 'live');
    await invoke({ fail: true }, 'live');
    const sum = async (MetricName: string) => {
      const answer = await test_.cloud.invoke<{ Datapoints: { Sum: number }[] }>('monitoring', 'GetMetricStatistics', {
        ...{ Namespace: 'AWS/Lambda', MetricName, Period: 60, Statistics: ['Sum'], StartTime: new Date(0) },
        EndTime: new Date(Date.now() + 60_000),
        Dimensions: [
          { Name: 'FunctionName', Value: 'scorer' },
          { Name: 'Resource', Value: 'scorer:live' },
          { Name: 'ExecutedVersion', Value: '1' },
        ],
      });
      return answer.Datapoints.reduce((total, { Sum }) => total + Sum, 0);
    };
    expect({ invocations: await sum('Invocations'), errors: await sum('Errors') }).toEqual({
      invocations: 2,
      errors: 1,
    });
  });
});
