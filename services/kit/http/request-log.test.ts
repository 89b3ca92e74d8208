import { memoryLog } from '../test-support.ts';
import { createRequestLog } from './request-log.ts';

test('a flood of requests is a hundred lines a second, failures excepted, and the next line counts the rest', () => {
  const { log, lines } = memoryLog();
  let now = 0;
  const add = createRequestLog(log, () => now);
  const one = { id: 'a', method: 'GET', path: '/', status: 200, milliseconds: 1 };
  for (let index = 0; index < 150; index++) add(one);
  expect(lines).toHaveLength(100);
  add({ ...one, status: 500 });
  expect(lines.at(-1)).toMatchObject({ status: 500, unlogged: 50 });
  now = 1000;
  add(one);
  expect(lines).toHaveLength(102);
  expect(lines.at(-1)).not.toHaveProperty('unlogged');
});
