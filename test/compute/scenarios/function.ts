import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createFrontDoor, type FrontDoor } from '../../../local/aws/elbv2/front-door.ts';
import { createElbv2Service } from '../../../local/aws/elbv2/service.ts';
import type { AwsService } from '../../../local/aws/kit/service.ts';
import { createLambdaService } from '../../../local/aws/lambda/service.ts';
import { createRuntime } from '../../../local/runtime/create.ts';
import type { Runtime } from '../../../local/runtime/runtime.ts';
import { createTestCloud, type TestCloud, until } from '../../../local/runtime/testing/cloud.ts';
import { createTestImages, type TestImages, textFile } from '../../../local/runtime/testing/images.ts';
import type { Scene } from './scene.ts';

/** A bootstrap as services/kit has one: asks the Runtime API for events, answers as an ALB wants it. */
const FUNCTION = (version: string) => `
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
for (;;) {
  const next = await fetch(api + 'next');
  const event = await next.json();
  if (event.path === '/hang') await new Promise(() => setInterval(() => undefined, 1000));
  const body = JSON.stringify({ version: '${version}', path: event.path, user: process.getuid() });
  const answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
  await fetch(api + next.headers.get('lambda-runtime-aws-request-id') + '/response', { method: 'POST', body: JSON.stringify(answer) });
}`;

/** A Lambda function behind a load balancer, with execution environments in one mode. */
export function describeFunctions({ mode, left }: Scene): void {
  let images: TestImages;
  let home: string;
  let world: TestCloud;
  let door: FrontDoor;
  let host: string;
  let runtime: Runtime;
  const pushed: string[] = [];

  const lambda = <Output>(operation: string, input: object) => world.cloud.invoke<Output>('lambda', operation, input);
  const elb = <Output>(operation: string, input: object) =>
    world.cloud.invoke<Output>('elasticloadbalancing', operation, input);
  const name = { FunctionName: 'staging-scorer' };

  /** ECR and Logs as far as Lambda asks them. */
  const support: readonly AwsService[] = [
    {
      name: 'ecr',
      operations: {
        DescribeImages: ({ imageIds }: { imageIds: [{ imageDigest: string }] }) => ({
          imageDetails: pushed.some((image) => image.endsWith(imageIds[0].imageDigest)) ? imageIds : [],
        }),
      },
    },
    {
      name: 'logs',
      operations: { CreateLogGroup: () => ({}), CreateLogStream: () => ({}), PutLogEvents: () => ({}) },
    },
  ];

  beforeAll(async () => {
    images = await createTestImages();
    for (const version of ['one', 'two']) {
      pushed.push(
        await images.push([[textFile('app/main.mjs', FUNCTION(version))]], { Entrypoint: ['node', 'main.mjs'] }),
      );
    }
    home = mkdtempSync(join(tmpdir(), 'slipway-function-'));
    world = createTestCloud({ home });
    runtime = await createRuntime({ home, mode, log: world.cloud.log });
    const balancing = createElbv2Service(world.cloud, { speed: 50 });
    world.add(...support, balancing, createLambdaService(world.cloud, runtime));
    door = await createFrontDoor({ balancer: balancing.balancer, port: 0 });
    host = await provision();
  }, 60_000);
  afterAll(async () => {
    await door.close();
    await world.close();
    await runtime.close?.();
    await images.close();
    await until('nothing is left', async () => (await left(home)).length === 0);
    expect(readdirSync(join(home, 'containers'))).toEqual([]);
    rmSync(home, { recursive: true, force: true });
  });

  /** The function on its first image behind a load balancer, through the alias `live`. */
  async function provision(): Promise<string> {
    const code = {
      PackageType: 'Image',
      Code: { ImageUri: pushed[0] },
      Role: 'arn:aws:iam::000000000000:role/x',
      Timeout: 1,
    };
    const { FunctionArn } = await lambda<{ FunctionArn: string }>('CreateFunction', {
      ...name,
      ...code,
      Publish: true,
    });
    await lambda('CreateAlias', { ...name, Name: 'live', FunctionVersion: '1' });
    const { TargetGroups } = await elb<{ TargetGroups: [{ TargetGroupArn: string }] }>('CreateTargetGroup', {
      Name: 'scorer',
      TargetType: 'lambda',
    });
    const { TargetGroupArn } = TargetGroups[0];
    const Id = `${FunctionArn.split(':').slice(0, 7).join(':')}:live`;
    await elb('RegisterTargets', { TargetGroupArn, Targets: [{ Id }] });
    const { LoadBalancers } = await elb<{ LoadBalancers: [{ LoadBalancerArn: string; DNSName: string }] }>(
      'CreateLoadBalancer',
      { Name: 'staging' },
    );
    const { LoadBalancerArn, DNSName } = LoadBalancers[0];
    const DefaultActions = [{ Type: 'forward', TargetGroupArn }];
    await elb('CreateListener', { LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions });
    return DNSName;
  }

  interface Answer {
    readonly status: number;
    readonly body: string;
  }
  const get = (path: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port: door.port, path, headers: { host } }, (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      });
      outgoing.on('error', reject).end();
    });
  const versionOf = ({ body }: Answer): string => (JSON.parse(body) as { version: string }).version;

  const active = () =>
    until('the function is active', async () => {
      const { State } = await lambda<{ State: string }>('GetFunctionConfiguration', name);
      return State === 'Active';
    });

  test('requests reach the version that the alias names, and no other while it moves', async () => {
    await active();
    const versions = new Set<string>();
    versions.add(versionOf(await get('/v1/score')));
    let asking = true;
    const asker = (async () => {
      while (asking) {
        const answer = await get('/v1/score');
        expect(answer.status).toBe(200);
        versions.add(versionOf(answer));
      }
    })();
    const published = await lambda<{ Version: string }>('UpdateFunctionCode', {
      ...name,
      ImageUri: pushed[1],
      Publish: true,
    });
    const { RevisionId } = await lambda<{ RevisionId: string }>('GetAlias', { ...name, Name: 'live' });
    const move = { ...name, Name: 'live', FunctionVersion: published.Version, RevisionId };
    await lambda('UpdateAlias', move);
    await expect(lambda('UpdateAlias', move)).rejects.toMatchObject({ name: 'PreconditionFailedException' });
    expect(versionOf(await get('/v1/score'))).toBe('two');
    await until('the asker saw it', () => versions.has('two'));
    asking = false;
    await asker;
    expect([...versions]).toEqual(['one', 'two']);
  });

  test('a function that hangs is ended at its timeout: 502, and the next request is answered', async () => {
    expect((await get('/hang')).status).toBe(502);
    expect((await get('/v1/score')).status).toBe(200);
  });
}
