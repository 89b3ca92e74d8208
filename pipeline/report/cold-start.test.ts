import { compareColdStarts, readColdStart } from './cold-start.ts';

const line = (fields: object) => JSON.stringify({ level: 'info', message: 'cold start', service: 'scorer', ...fields });
const fast = { init: 80, load: 20, firstRun: 1 };

test('the newest line of the service counts, and what Lambda reports', () => {
  const lines = [
    line({ init: 1, load: 1, firstRun: 1 }),
    'REPORT RequestId: x Duration: 3 ms Billed Duration: 4 ms Init Duration: 210.5 ms',
    '{"message":"request","path":"\\"cold start\\""}',
    'not JSON "cold start"',
    line(fast),
  ];
  expect(readColdStart(lines)).toEqual({ ...fast, lambda: 210.5 });
  expect(readColdStart(lines.slice(4))).toEqual(fast);
  expect(readColdStart(['hello'])).toBeUndefined();
});

test('a release that starts noticeably slower than the one before is told apart', () => {
  expect(compareColdStarts('scorer', fast)).toEqual({
    text: 'scorer starts cold in 101 ms (init 80 ms, load 20 ms, first run 1 ms)',
    slower: false,
  });
  expect(compareColdStarts('scorer', { ...fast, load: 120 }, fast)).toMatchObject({
    slower: true,
    text: expect.stringMatching(/before: 101 ms - slower$/),
  });
  expect(compareColdStarts('scorer', { ...fast, load: 60 }, fast).slower).toBe(false);
});
