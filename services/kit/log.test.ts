import { createLog } from './log.ts';
import { identity } from './test-support.ts';

test('a line is one JSON object with errors spelled out', () => {
  const lines: string[] = [];
  const error = new Error('first\nsecond', { cause: new TypeError('why') });
  createLog(identity, (line) => lines.push(line)).error('it failed', { error, big: 2n ** 60n });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'error',
    message: 'it failed',
    ...identity,
    error: { name: 'Error', message: 'first\nsecond', cause: { name: 'TypeError', message: 'why' } },
    big: '1152921504606846976',
  });
});
