import type { Result } from '../../../kit/result.ts';
import type { Hosted } from './host.ts';
import { createMemory, type Load } from './memory.ts';

const room = { expectedBytes: 1, milliseconds: 10_000 };

function world(maximum: number) {
  const memory = createMemory<Hosted>(maximum);
  let most = 0;
  let open = 0;
  const released: string[] = [];
  const hosted = (key: string, bytes: number): Result<Hosted> => ({
    ok: true,
    value: { bytes, release: async () => void released.push(key) } as unknown as Hosted,
  });
  /** A model of which it is known how large it is only once it is here. */
  const load =
    (key: string, bytes: number): Load<Hosted> =>
    async (reserve) => {
      if (!(await reserve(bytes))) return 'full';
      open += bytes;
      most = Math.max(most, open + memory.bytes);
      await new Promise((resolve) => setTimeout(resolve, 2));
      open -= bytes;
      return hosted(key, bytes);
    };
  return { memory, load, hosted, released, most: () => most };
}

test('many cold models at once wait for their turn instead of filling the memory', async () => {
  const { memory, load, most } = world(100);
  const use = async (key: string): Promise<unknown> => {
    const loaded = await memory.load(key, load(key, 30), room);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (loaded !== 'full' && loaded.ok) memory.done(loaded.value);
    return loaded === 'full' ? 'full' : loaded.ok;
  };
  const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => use(`m${at}`)));
  expect(answers.every((answer) => answer === true)).toBe(true);
  expect(most()).toBeLessThanOrEqual(100);
  expect(memory.bytes).toBeLessThanOrEqual(100);
});

test('while all that is in memory is in use there is no room; what fails gives its room back', async () => {
  const { memory, load } = world(100);
  const first = await memory.load('a', load('a', 90), room);
  expect(await memory.load('b', load('b', 20), { ...room, milliseconds: 20 })).toBe('full');
  expect(await memory.load('c', load('c', 200), room)).toBe('full');
  const failing: Load<Hosted> = async (reserve) => {
    await reserve(9);
    throw new Error('away');
  };
  for (let count = 0; count < 30; count++) await expect(memory.load('d', failing, room)).rejects.toThrow('away');
  const wrong: Load<Hosted> = async (reserve) => ({ ok: false, error: String(await reserve(9)) });
  for (let count = 0; count < 30; count++)
    expect(await memory.load('e', wrong, room)).toEqual({ ok: false, error: 'true' });
  if (first !== 'full' && first.ok) memory.done(first.value);
  expect(await memory.load('b', load('b', 20), room)).toMatchObject({ ok: true });
  expect(memory.keys).toEqual(['b']);
});

test('what turned out larger than thought makes others leave as soon as nobody uses it', async () => {
  const { memory, hosted, released } = world(100);
  const loads = await Promise.all(['a', 'b'].map((key) => memory.load(key, async () => hosted(key, 80), room)));
  expect(memory.bytes).toBe(160);
  for (const one of loads) if (one !== 'full' && one.ok) memory.done(one.value);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(memory.bytes).toBe(80);
  expect(released).toHaveLength(1);
});
