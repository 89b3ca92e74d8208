import type { HttpRequest } from '../../kit/http/request.ts';
import { answerFor } from './answer.ts';
import { type Account, type Sleeper, wake } from './wake.ts';

function sleeping(state = 'asleep') {
  const calls: string[] = [];
  let sleeper: Sleeper | undefined = { version: 1, state, awakeSince: 0 };
  let ready = false;
  const account: Account = {
    read: async () => sleeper,
    async claim(_number, now) {
      await Promise.resolve();
      if (sleeper?.state !== 'asleep') return false;
      sleeper = { ...sleeper, state: 'waking', awakeSince: now };
      return true;
    },
    async opened() {
      if (sleeper) sleeper = { ...sleeper, state: 'open' };
    },
    start: async () => void calls.push('start'),
    ready: async () => ready,
    uncover: async () => void calls.push('uncover'),
  };
  return {
    account,
    calls,
    state: () => sleeper?.state,
    forget: () => {
      sleeper = undefined;
    },
    isReady: () => {
      ready = true;
    },
  };
}

test('a hundred requests at once start the services once', async () => {
  const { account, calls, isReady, state } = sleeping();
  const all = await Promise.all(Array.from({ length: 100 }, () => wake(7, account, () => 1000)));
  expect(new Set(all)).toEqual(new Set(['waking']));
  expect(calls).toEqual(['start']);
  expect(await wake(7, account, () => 2000)).toBe('waking');
  isReady();
  expect(await wake(7, account, () => 3000)).toBe('awake');
  expect(calls).toEqual(['start', 'uncover']);
  expect(state()).toBe('open');
});

test('who died over starting them is replaced after a minute', async () => {
  const { account, calls } = sleeping('waking');
  expect(await wake(7, account, () => 60_000)).toBe('waking');
  expect(calls).toEqual([]);
  await wake(7, account, () => 60_001);
  expect(calls).toEqual(['start']);
});

test.each(['open', 'opening', 'failed'])('a rule that leads here although the preview is %s goes', async (state) => {
  const { account, calls } = sleeping(state);
  expect(await wake(7, account, () => 0)).toBe('awake');
  expect(calls).toEqual(['uncover']);
});

test('so does that of a preview that is gone', async () => {
  const { account, calls, forget } = sleeping();
  forget();
  await wake(7, account, () => 0);
  expect(calls).toEqual(['uncover']);
});

describe('answers', () => {
  const log = { info: () => undefined };
  const app = answerFor({ wake: async () => 'waking', log: log as never });
  const ask = (headers: HttpRequest['headers']) => app({ method: 'GET', target: '/', headers, body: Buffer.alloc(0) });

  test('people get a page that asks again by itself', async () => {
    const answer = await ask({ host: 'pr-7.preview.demo.example', accept: 'text/html,*/*' });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('<meta http-equiv="refresh" content="2">');
    expect(answer.headers).toMatchObject({ 'x-robots-tag': 'noindex, nofollow', 'cache-control': 'no-store' });
  });

  test('programs are told when to come back', async () => {
    const answer = await ask({ host: 'pr-7.preview.demo.example', accept: 'application/json' });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    expect(JSON.parse(String(answer.body))).toEqual({
      error: 'The preview of pull request 7 is waking up; ask again in a moment',
    });
  });

  test('on any other host it says what it is', async () => {
    expect(await ask({ host: 'staging.demo.example' })).toMatchObject({ status: 200 });
  });
});
