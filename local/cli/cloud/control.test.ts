import { createServer } from 'node:net';
import { createClient } from './client.ts';
import { CallRefused, type Control, type Method, startControl } from './control.ts';

let control: Control | undefined;

afterEach(async () => {
  await control?.close();
  control = undefined;
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function serve(methods: Record<string, Method>) {
  const port = await freePort();
  control = await startControl({ port, token: 'right', methods, onCall: () => undefined });
  return createClient({ port, token: 'right' });
}

test('progress arrives before the result', async () => {
  const client = await serve({
    add: async ({ a, b }, { emit }) => {
      emit({ progress: 'adding' });
      return Number(a) + Number(b);
    },
  });
  const events: unknown[] = [];
  const result = await client.call('add', { a: 2, b: 3 }, { onEvent: (event) => events.push(event) });
  expect(result).toEqual({ ok: true, value: 5 });
  expect(events).toEqual([{ progress: 'adding' }]);
});

test('an expected failure is a sentence, a bug brings its stack', async () => {
  const client = await serve({
    refuse: async () => {
      throw new CallRefused('There is no pull request 7');
    },
    crash: async () => {
      throw new TypeError('x is undefined');
    },
  });
  expect(await client.call('refuse')).toEqual({ ok: false, message: 'There is no pull request 7' });
  expect(await client.call('crash')).toMatchObject({
    ok: false,
    message: 'x is undefined',
    bug: expect.stringContaining('TypeError'),
  });
});

test('without the right token nothing is done', async () => {
  const called: string[] = [];
  await serve({ stop: async () => called.push('stop') });
  const port = await freePort();
  await control?.close();
  control = await startControl({
    port,
    token: 'right',
    methods: { stop: async () => called.push('stop') },
    onCall: () => undefined,
  });
  expect(await createClient({ port, token: 'wrong' }).call('stop')).toMatchObject({ ok: false });
  expect(called).toEqual([]);
});

test('a caller that goes away aborts the work', async () => {
  let aborted: Promise<void> | undefined;
  const client = await serve({
    wait: (_parameters, { signal, emit }) => {
      aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      emit({ started: true });
      return aborted;
    },
  });
  const abort = new AbortController();
  const result = await client.call('wait', {}, { signal: abort.signal, onEvent: () => abort.abort() });
  expect(result).toEqual({ ok: false, message: 'Cancelled' });
  await aborted;
});

test('nobody there is said with the command that starts it', async () => {
  const client = createClient({ port: await freePort(), token: 'right' });
  expect(await client.call('status')).toEqual({ ok: false, message: expect.stringContaining('npm run local -- up') });
});
