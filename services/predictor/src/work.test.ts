import type { Message, Queue } from '../../kit/aws/queue.ts';
import type { PredictionRequest, PredictionRequests } from '../../kit/predictions/request.ts';
import { memoryLog, memoryReporter } from '../../kit/test-support.ts';
import type { ComputerOutcome } from '../../kit/transform/computer.ts';
import { MAXIMUM_ATTEMPTS, workOn } from './work.ts';

const REQUEST: PredictionRequest = {
  tenant: 'acme',
  id: '1',
  state: 'waiting',
  model: 'sum',
  format: 'jsonl',
  input: 'in',
  output: 'out',
  fingerprint: 'f',
  attempts: 0,
  createdAt: '',
  expiresAt: 0,
};

function world(outcome: ComputerOutcome, stored: Partial<PredictionRequest> | null = {}) {
  let request: PredictionRequest | undefined = stored ? { ...REQUEST, ...stored } : undefined;
  const done: string[] = [];
  const change = (more: Partial<PredictionRequest>) => {
    if (request) request = { ...request, ...more };
    return request;
  };
  const requests: PredictionRequests = {
    find: async () => request,
    add: async () => undefined,
    list: async () => [],
    uploaded: async () => undefined,
    begin: async () =>
      request && ['waiting', 'running'].includes(request.state)
        ? change({ state: 'running', attempts: request.attempts + 1 })
        : undefined,
    progressed: async () => undefined,
    giveBack: async (_, { reason, forgiven }) =>
      void change({ state: 'waiting', ...(reason && { reason }), ...(forgiven && { attempts: 0 }) }),
    finish: async (_, ending) => change(ending),
    told: async () => void change({ told: true }),
  };
  const queue: Queue = {
    send: async () => undefined,
    receive: async () => undefined,
    hide: async (_, seconds) => Boolean(done.push(`hide ${seconds}`)),
    remove: async () => void done.push('remove'),
    bury: async (_, reason) => void done.push(`bury ${reason}`),
  };
  const worker = {
    queue,
    requests,
    computer: { compute: async () => outcome },
    publishDone: async (message: unknown) => void done.push(`done ${JSON.stringify(message)}`),
    publishFailed: async () => void done.push('failed'),
    forget: async () => void done.push('forget'),
    predictions: { record: () => undefined },
    location: 's3://bucket/',
    visibilitySeconds: 60,
    now: () => 0,
    ...memoryLog(),
    ...memoryReporter(),
  };
  const work = (body = '{"tenant":"acme","id":"1"}', received = 1) =>
    workOn({ body, receipt: 'r', received } satisfies Message, worker);
  return { work, done, state: () => request };
}

const DONE: ComputerOutcome = { kind: 'done', rows: 3, failed: 1, version: '2' };

test('a request that is done is told before its message goes', async () => {
  const { work, done, state } = world(DONE);
  await work();
  const message = {
    id: '1',
    tenant: 'acme',
    model: 'sum',
    state: 'done',
    rows: 3,
    failed: 1,
    result: 's3://bucket/out',
  };
  expect(done).toEqual([`done ${JSON.stringify(message)}`, 'forget', 'remove']);
  expect(state()).toMatchObject({ state: 'done', answeredBy: '2', told: true });
});

test('a request without a result is buried with its reason', async () => {
  const { work, done, state } = world({ kind: 'refused', reason: 'the file has no rows' });
  await work();
  expect(done).toEqual(['bury the file has no rows', 'failed', 'forget', 'remove']);
  expect(state()).toMatchObject({ state: 'failed', reason: 'the file has no rows' });
});

test('after a kill between the end of a request and that of its message, the rest is made up for', async () => {
  const untold = world(DONE, { state: 'done', rows: 3 });
  await untold.work();
  expect(untold.done.at(-1)).toBe('remove');
  expect(untold.done[0]).toContain('done');
  const told = world(DONE, { state: 'done', told: true });
  await told.work();
  expect(told.done).toEqual(['remove']);
});

test('an attempt that broke is tried again later, and later still, then given up with the last reason', async () => {
  const { work, done, state } = world({ kind: 'broken', reason: 'it hangs', rowsSeen: 0 });
  for (let attempt = 1; attempt <= MAXIMUM_ATTEMPTS; attempt++) await work(undefined, attempt);
  expect(done).toEqual(['hide 5', 'hide 10', 'hide 15', 'hide 20', 'hide 25']);
  await work(undefined, MAXIMUM_ATTEMPTS + 1);
  expect(state()).toMatchObject({
    state: 'failed',
    reason: 'given up after 5 attempts that did not end; the last one: it hangs',
  });
});

test('before the queue itself puts a message aside, it is given up with a reason', async () => {
  const { work, state } = world(DONE, { attempts: 1 });
  await work(undefined, 10);
  expect(state()).toMatchObject({
    state: 'failed',
    reason: 'given up after 9 attempts that did not end; the last one: the worker ended',
  });
});

test('told to stop, the message goes back at once and the attempt does not count', async () => {
  const { work, done, state } = world({ kind: 'stopped' }, { attempts: 2 });
  await work();
  expect(done).toEqual(['hide 0']);
  expect(state()).toMatchObject({ state: 'waiting', attempts: 0 });
});

test('what somebody else works on is left to them', async () => {
  const { work, done } = world({ kind: 'overtaken' });
  await work();
  expect(done).toEqual([]);
});

test.each([
  ['nonsense', 'the message names no request'],
  ['{"tenant":1}', 'the message names no request'],
  ['{"tenant":"acme","id":"2"}', 'there is no such request'],
])('a message that leads nowhere (%s) is buried with its reason', async (body, reason) => {
  const { work, done } = world(DONE, null);
  await work(body);
  expect(done).toEqual([`bury ${reason}`, 'remove']);
});
