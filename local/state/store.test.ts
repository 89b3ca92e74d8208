import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from './store.ts';

test('what was written is there after the file is opened again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-store-'));
  const first = openStore(join(folder, 'state.db'));
  first.collection<{ n: number }>('a').set('k', { n: 1 });
  first.close();
  const second = openStore(join(folder, 'state.db'));
  expect(second.collection('a').get('k')).toEqual({ n: 1 });
  expect(second.collection('b').get('k')).toBeUndefined();
  second.close();
  rmSync(folder, { recursive: true });
});

test('entries come ordered by key and can be limited to a prefix that has wildcard characters', () => {
  const items = openStore(':memory:').collection<number>('a');
  for (const key of ['x%2', 'x%1', 'xy', 'a_']) items.set(key, key.length);
  expect(items.entries().map(([key]) => key)).toEqual(['a_', 'x%1', 'x%2', 'xy']);
  expect(items.entries('x%').map(([key]) => key)).toEqual(['x%1', 'x%2']);
});

test('a transaction that throws leaves nothing', () => {
  const store = openStore(':memory:');
  const items = store.collection<number>('a');
  expect(() =>
    store.transaction(() => {
      items.set('k', 1);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(items.get('k')).toBeUndefined();
  expect(items.delete('k')).toBe(false);
});
