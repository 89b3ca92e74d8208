import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createSsmService } from '../ssm/service.ts';
import type { Call } from './faults.ts';
import { startTestCloud, type TestCloud } from './test-cloud.ts';

let world: TestCloud;
let client: SSMClient;

beforeAll(async () => {
  world = await startTestCloud((cloud) => [createSsmService(cloud)]);
  client = new SSMClient(world.client);
});
afterEach(() => {
  world.server.faults.clear();
});
afterAll(async () => {
  client.destroy();
  await world.remove();
});

const put = (Name: string, using = client) =>
  using.send(new PutParameterCommand({ Name, Value: 'one', Type: 'String' }));
const get = (Name: string) => client.send(new GetParameterCommand({ Name }));
const errorOf = (work: Promise<unknown>) => work.then(() => 'none').catch((error: Error) => error.name);

test.each([
  ['throttle', 'ThrottlingException'],
  ['fail', 'InternalFailure'],
  ['deny', 'AccessDeniedException'],
] as const)('%s: the call has no effect and is answered with %s', async (effect, name) => {
  world.server.faults.add({ operation: 'ssm:PutParameter', effect, count: 1 });
  expect(await errorOf(put(`/${effect}`))).toBe(name);
  expect(await errorOf(get(`/${effect}`))).toBe('ParameterNotFound');
  expect(await errorOf(put(`/${effect}`))).toBe('none');
  expect(world.server.faults.list()).toMatchObject([{ hits: 1 }]);
});

test('a dropped connection gives no answer; after the effect, the effect is there', async () => {
  world.server.faults.add({ operation: 'ssm:PutParameter', effect: 'drop', count: 1 });
  await expect(put('/dropped')).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(await errorOf(get('/dropped'))).toBe('ParameterNotFound');
  world.server.faults.add({ operation: 'ssm:*', effect: 'drop', when: 'after', count: 1 });
  await expect(put('/dropped')).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect((await get('/dropped')).Parameter?.Value).toBe('one');
});

test('what an SDK retries by itself passes a single fault', async () => {
  const patient = new SSMClient({ ...world.client, maxAttempts: 3 });
  for (const effect of ['throttle', 'fail', 'drop'] as const)
    world.server.faults.add({ operation: 'ssm:PutParameter', effect, count: 1 });
  // Each call meets the faults in order, and the first that strikes ends it: three calls fail, the fourth passes.
  expect(await errorOf(put('/patient', patient))).not.toBe('none');
  expect(await errorOf(put('/patient', patient))).toBe('none');
  patient.destroy();
});

test('skipped, counted and drawn calls are repeatable', async () => {
  const { faults } = world.server;
  faults.add({ operation: 'ssm:GetParameter', effect: 'deny', skip: 1, count: 1 });
  await put('/counted');
  const seen = [];
  for (let call = 0; call < 3; call++) seen.push(await errorOf(get('/counted')));
  expect(seen).toEqual(['none', 'AccessDeniedException', 'none']);
  const draw = async () => {
    faults.clear();
    faults.add({ operation: '*', effect: 'deny', probability: 0.5, seed: 7 });
    const drawn = [];
    for (let call = 0; call < 12; call++) drawn.push((await errorOf(get('/counted'))) === 'none');
    return drawn;
  };
  const first = await draw();
  expect(new Set(first).size).toBe(2);
  expect(await draw()).toEqual(first);
});

test('a delay is waited for', async () => {
  world.server.faults.add({ operation: 'ssm:GetParameter', effect: 'delay', milliseconds: 60 });
  await put('/slow');
  const started = performance.now();
  await get('/slow');
  expect(performance.now() - started).toBeGreaterThan(50);
});

test('a watcher sees every call before and after; calls in process are none', async () => {
  const calls: Call[] = [];
  const stop = world.server.faults.watch((call) => void calls.push(call));
  await put('/watched');
  await world.cloud.invoke('ssm', 'GetParameter', { Name: '/watched' });
  stop();
  await client.send(new DeleteParameterCommand({ Name: '/watched' }));
  expect(calls.map(({ operation, moment }) => `${operation} ${moment}`)).toEqual([
    'ssm:PutParameter before',
    'ssm:PutParameter after',
  ]);
  expect(calls[0]?.number).toBe(calls[1]?.number);
});

test.each([
  [
    { operation: 'UpdateService', effect: 'fail' },
    'operation is "UpdateService"; it has to be like ecs:UpdateService, ecs:* or *',
  ],
  [{ operation: '*', effect: 'burn' }, 'effect is "burn"; it has to be one of throttle, fail, deny, delay, drop'],
  [
    { operation: '*', effect: 'throttle', when: 'after' },
    'a call that AWS answers with "throttle" has no effect: when has to be before',
  ],
  [{ operation: '*', effect: 'fail', when: 'never' }, 'when is "never"; it has to be before or after'],
  [{ operation: '*', effect: 'fail', count: -1 }, 'count is -1; it has to be a whole number from 0'],
  [{ operation: '*', effect: 'fail', probability: 2 }, 'probability is 2; it has to be from 0 to 1'],
])('%j is refused', (rule, message) => {
  expect(() => world.server.faults.add(rule as never)).toThrow(new RangeError(message));
});
