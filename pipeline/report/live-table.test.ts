import type { LiveRow } from '../release/live.ts';
import { createLiveTable } from './live-table.ts';

const row = (service: string, state: LiveRow['state'], detail: string, seconds = 1): LiveRow => ({
  ...{ service, state, detail, seconds },
});
const screen = (isTerminal: boolean) => {
  const written: string[] = [];
  return { written, table: createLiveTable({ write: (text) => written.push(text), isTerminal, width: 40 }) };
};

test('a log gets a line for what changed, and nothing for what did not', () => {
  const { written, table } = screen(false);
  table.show([row('web', 'moves', '0 of 2 tasks run'), row('inference', 'waits', '')]);
  table.show([row('web', 'moves', '0 of 2 tasks run', 2), row('inference', 'moves', 'begins', 0)]);
  table.show([row('web', 'serves', 'web:7', 12.34), row('inference', 'moves', 'begins', 3)]);
  expect(written).toEqual([
    'web        moves     1.0 s  0 of 2 tasks run\n',
    'inference  moves     0.0 s  begins\n',
    'web        serves   12.3 s  web:7\n',
  ]);
});

test('a terminal gets the whole table in place of the one before, unless something came between', () => {
  const { written, table } = screen(true);
  const rows = [row('web', 'moves', 'a detail that is longer than the line'), row('api', 'waits', '')];
  table.show(rows);
  expect(written.at(-1)).toBe('web  moves     1.0 s  a detail that is \napi  waits\n');
  table.show(rows);
  expect(written.at(-1)?.startsWith('\u001b[2A\u001b[0J')).toBe(true);
  table.interrupt();
  table.show(rows);
  expect(written.at(-1)).toMatch(/^web/);
});
