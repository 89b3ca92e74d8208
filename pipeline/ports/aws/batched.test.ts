import { batched } from './batched.ts';

test('questions at the same time are one call, as many as it takes, and each gets its own answer', async () => {
  const calls: (readonly string[])[] = [];
  const lengthOf = batched<string, number>({
    limit: 2,
    ask: async (keys) => {
      calls.push(keys);
      return new Map(keys.filter((key) => key !== 'unknown').map((key) => [key, key.length]));
    },
  });
  const answers = await Promise.all(['a', 'bb', 'bb', 'ccc', 'unknown'].map(lengthOf));
  expect(answers).toEqual([1, 2, 2, 3, undefined]);
  expect(calls).toEqual([
    ['a', 'bb'],
    ['ccc', 'unknown'],
  ]);
});

test('a later question is a call of its own, after one that failed, too', async () => {
  let turn = 0;
  const ask = batched<string, number>({
    limit: 10,
    ask: async (keys) => {
      turn += 1;
      if (turn === 1) throw new Error('throttled');
      return new Map(keys.map((key) => [key, turn]));
    },
  });
  const [first, second] = await Promise.allSettled([ask('a'), ask('b')]);
  expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
  expect(await ask('a')).toBe(2);
  expect(await ask('a')).toBe(3);
});
