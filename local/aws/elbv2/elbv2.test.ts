import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createTestCloud, type TestCloud, until } from '../../runtime/testing/cloud.ts';
import { createFrontDoor, type FrontDoor } from './front-door.ts';
import { createElbv2Service, type LoadBalancing } from './service.ts';

const servers: Server[] = [];
let testCloud: TestCloud;
let elb: LoadBalancing;
let door: FrontDoor;

beforeEach(async () => {
  testCloud = createTestCloud();
  elb = createElbv2Service(testCloud.cloud, { speed: 100 });
  testCloud.add(elb);
  door = await createFrontDoor({ balancer: elb.balancer, port: 0 });
});
afterEach(async () => {
  await door.close();
  await testCloud.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = Parameters<typeof createServer>[1];
async function target(handler: Handler): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

const call = <Output>(operation: string, input: object) =>
  testCloud.cloud.invoke<Output>('elasticloadbalancing', operation, input);

async function group(name: string, input: object = {}): Promise<string> {
  const { TargetGroups } = await call<{ TargetGroups: [{ TargetGroupArn: string }] }>('CreateTargetGroup', {
    Name: name,
    Protocol: 'HTTP',
    Port: 8080,
    TargetType: 'ip',
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 5,
    HealthyThresholdCount: 2,
    ...input,
  });
  return TargetGroups[0].TargetGroupArn;
}

async function listen(defaultAction: object): Promise<{ listenerArn: string; host: string }> {
  const { LoadBalancers } = await call<{ LoadBalancers: [{ LoadBalancerArn: string; DNSName: string }] }>(
    'CreateLoadBalancer',
    { Name: 'staging' },
  );
  const { Listeners } = await call<{ Listeners: [{ ListenerArn: string }] }>('CreateListener', {
    LoadBalancerArn: LoadBalancers[0].LoadBalancerArn,
    Port: 80,
    Protocol: 'HTTP',
    DefaultActions: [defaultAction],
  });
  return { listenerArn: Listeners[0].ListenerArn, host: LoadBalancers[0].DNSName };
}

const forwardTo = (TargetGroupArn: string) => ({ Type: 'forward', TargetGroupArn });
const states = async (TargetGroupArn: string, port?: number) => {
  const Targets = port === undefined ? undefined : [{ Id: '127.0.0.1', Port: port }];
  const { TargetHealthDescriptions } = await call<{ TargetHealthDescriptions: { TargetHealth: { State: string } }[] }>(
    'DescribeTargetHealth',
    { TargetGroupArn, Targets },
  );
  return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth.State);
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}
function send(host: string, path = '/', options: { method?: string; headers?: object; body?: string } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: door.port,
        path,
        method: options.method ?? 'GET',
        headers: { host, ...options.headers },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

async function healthyTarget(groupArn: string, handler: Handler): Promise<number> {
  const port = await target(handler);
  await call('RegisterTargets', { TargetGroupArn: groupArn, Targets: [{ Id: '127.0.0.1', Port: port }] });
  await until('target is healthy', async () => (await states(groupArn, port)).includes('healthy'));
  return port;
}

describe('rules', () => {
  test('hosts and paths choose, in order of priority, else the default action answers', async () => {
    const web = await group('web');
    const api = await group('api');
    await healthyTarget(web, (_, response) => response.end('web'));
    await healthyTarget(api, (_, response) => response.end('api'));
    const { listenerArn } = await listen({
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '404', MessageBody: 'no such page', ContentType: 'text/plain' },
    });
    const rule = (Priority: number, path: string, TargetGroupArn: string) =>
      call('CreateRule', {
        ListenerArn: listenerArn,
        Priority,
        Conditions: [
          { Field: 'host-header', HostHeaderConfig: { Values: ['pr-1.slipway.localhost'] } },
          { Field: 'path-pattern', PathPatternConfig: { Values: [path] } },
        ],
        Actions: [forwardTo(TargetGroupArn)],
      });
    await rule(20, '/*', web);
    await rule(10, '/v2/*', api);
    expect((await send('pr-1.slipway.localhost', '/v2/models?x=1')).body).toBe('api');
    expect((await send('PR-1.slipway.localhost:80', '/about')).body).toBe('web');
    await expect(rule(10, '/x', web)).rejects.toMatchObject({ name: 'PriorityInUseException' });
    const unknown = await send('pr-2.slipway.localhost', '/');
    expect(unknown.status).toBe(404);
    expect(unknown.body).toContain('pr-1.slipway.localhost');
  });

  test('a group that a rule forwards to cannot be deleted', async () => {
    const web = await group('web');
    await listen(forwardTo(web));
    await expect(call('DeleteTargetGroup', { TargetGroupArn: web })).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
  });
});

describe('targets', () => {
  test('a target serves only once it has passed its checks, and no longer when it fails them', async () => {
    const web = await group('web');
    const { host } = await listen(forwardTo(web));
    expect((await send(host)).status).toBe(503);
    let healthy = false;
    const seen: string[] = [];
    const port = await target((incoming, response) => {
      seen.push(incoming.url ?? '');
      response.writeHead(healthy || incoming.url !== '/health' ? 200 : 500).end();
    });
    await healthyTarget(web, (_, response) => response.end('good'));
    await call('RegisterTargets', { TargetGroupArn: web, Targets: [{ Id: '127.0.0.1', Port: port }] });
    await until('the sick target is found out', async () => (await states(web)).includes('unhealthy'));
    for (let count = 0; count < 10; count += 1) expect((await send(host)).body).toBe('good');
    expect(new Set(seen)).toEqual(new Set(['/health']));
    healthy = true;
    await until('it recovers', async () => (await states(web)).every((state) => state === 'healthy'));
  });

  test('a draining target ends its requests and gets no new ones', async () => {
    const web = await group('web');
    const { host } = await listen(forwardTo(web));
    let finish: (() => void) | undefined;
    const slow = await healthyTarget(web, (incoming, response) => {
      if (incoming.url === '/slow') finish = () => response.end('finished');
      else response.end('old');
    });
    const pending = send(host, '/slow');
    const end = await until('the request has arrived', () => finish);
    await healthyTarget(web, (_, response) => response.end('new'));
    await call('DeregisterTargets', { TargetGroupArn: web, Targets: [{ Id: '127.0.0.1', Port: slow }] });
    expect((await states(web)).toSorted()).toEqual(['draining', 'healthy']);
    for (let count = 0; count < 5; count += 1) expect((await send(host)).body).toBe('new');
    end();
    expect((await pending).body).toBe('finished');
    await until('the old target is gone', async () => (await states(web)).join() === 'healthy');
  });

  test('only addresses can be targets of an ip group', async () => {
    await expect(
      call('RegisterTargets', { TargetGroupArn: await group('web'), Targets: [{ Id: 'i-1' }] }),
    ).rejects.toMatchObject({ name: 'InvalidTargetException' });
  });
});

describe('proxy', () => {
  test('passes bodies and repeated headers through and says where the request came from', async () => {
    const web = await group('web');
    const { host } = await listen(forwardTo(web));
    await healthyTarget(web, (incoming, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.setHeader('x-seen', JSON.stringify(incoming.headers));
      incoming.pipe(response);
    });
    const body = 'x'.repeat(300_000);
    const answer = await send(host, '/', { method: 'POST', body, headers: { 'x-forwarded-for': '10.0.0.1' } });
    expect(answer.body).toBe(body);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(JSON.parse(String(answer.headers['x-seen']))).toMatchObject({
      host,
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    });
  });

  test('a kept-alive connection that the target closes is no failure', async () => {
    const web = await group('web');
    const { host } = await listen(forwardTo(web));
    let requests = 0;
    await healthyTarget(web, (incoming, response) => {
      if (incoming.url === '/health') return void response.end();
      requests += 1;
      if (requests === 2) return void incoming.socket.destroy();
      response.end(String(requests));
    });
    expect((await send(host)).body).toBe('1');
    expect((await send(host)).body).toBe('3');
  });

  test('a target that breaks off is 502, one that does not answer in time 504', async () => {
    const web = await group('web');
    const { host } = await listen(forwardTo(web));
    await healthyTarget(web, (incoming, response) => {
      if (incoming.url === '/health') response.end();
      else if (incoming.url === '/break') incoming.socket.destroy();
    });
    expect((await send(host, '/break', { method: 'POST', body: 'x' })).status).toBe(502);
    const { LoadBalancers } = await call<{ LoadBalancers: [{ LoadBalancerArn: string }] }>('DescribeLoadBalancers', {});
    await call('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: LoadBalancers[0].LoadBalancerArn,
      Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '0.05' }],
    });
    expect((await send(host, '/hang')).status).toBe(504);
  });

  test('a client that goes away ends the request at the target', async () => {
    const web = await group('web');
    const { host } = await listen(forwardTo(web));
    let closed = false;
    let arrived = false;
    await healthyTarget(web, (incoming, response) => {
      if (incoming.url === '/health') return void response.end();
      arrived = true;
      response.once('close', () => {
        closed = true;
      });
    });
    const outgoing = request({ host: '127.0.0.1', port: door.port, path: '/wait', headers: { host } });
    outgoing.on('error', () => undefined);
    outgoing.end();
    await until('it arrived', () => arrived);
    outgoing.destroy();
    await until('the target noticed', () => closed);
  });

  test('joins upgraded connections', async () => {
    const web = await group('web');
    const { host } = await listen(forwardTo(web));
    const port = await healthyTarget(web, (_, response) => response.end());
    servers.at(-1)?.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    expect(port).toBeGreaterThan(0);
    const socket = connect(door.port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n`);
    await until('upgraded', () => received.includes('101'));
    socket.write('ping');
    await until('echoed', () => received.endsWith('ping'));
    socket.destroy();
  });
});

test('a function answers as a target', async () => {
  const events: { path: string; body: string; headers: Record<string, string> }[] = [];
  testCloud.add({
    name: 'lambda',
    operations: {
      Invoke: ({ Payload }: { Payload: Uint8Array }) => {
        events.push(JSON.parse(Buffer.from(Payload).toString()));
        return {
          StatusCode: 200,
          Payload: Buffer.from(
            JSON.stringify({ statusCode: 201, headers: { 'x-a': 'b' }, body: 'aGk=', isBase64Encoded: true }),
          ),
        };
      },
    },
  });
  const { TargetGroups } = await call<{ TargetGroups: [{ TargetGroupArn: string }] }>('CreateTargetGroup', {
    Name: 'score',
    TargetType: 'lambda',
  });
  const TargetGroupArn = TargetGroups[0].TargetGroupArn;
  await call('RegisterTargets', {
    TargetGroupArn,
    Targets: [{ Id: 'arn:aws:lambda:us-east-1:000000000000:function:scorer:live' }],
  });
  const { host } = await listen(forwardTo(TargetGroupArn));
  const answer = await send(host, '/v1/score?a=b%20c', {
    method: 'POST',
    body: '{"x":1}',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer).toMatchObject({ status: 201, body: 'hi', headers: { 'x-a': 'b' } });
  expect(events[0]).toMatchObject({
    httpMethod: 'POST',
    path: '/v1/score',
    queryStringParameters: { a: 'b%20c' },
    body: '{"x":1}',
    isBase64Encoded: false,
    headers: { host, 'content-type': 'application/json', 'x-forwarded-proto': 'http' },
    requestContext: { elb: { targetGroupArn: TargetGroupArn } },
  });
});
