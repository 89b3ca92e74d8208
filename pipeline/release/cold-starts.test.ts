import { reportColdStarts } from './cold-starts.ts';
import type { Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { Release } from './types.ts';

const line = (load: number) => JSON.stringify({ message: 'cold start', init: 100, load, firstRun: 1 });
const release = (revision: string, createdAt: string) =>
  ({ createdAt, services: { scorer: { revision } } }) as unknown as Release;
const plan = {
  moves: [
    { service: 'scorer', template: { kind: 'function', functionName: 'staging-scorer', logGroup: '/slipway/staging' } },
    { service: 'web', template: { kind: 'web' } },
  ],
} as unknown as Plan;

function ports(streams: Record<string, readonly string[]>) {
  const lines: string[] = [];
  const observe = {
    async lastLogLines({ streamPrefix }: { streamPrefix: string }) {
      const found = streams[streamPrefix];
      if (!found) throw new Error('there is no such group');
      return found;
    },
  } as unknown as ReleasePorts['observe'];
  const progress = { line: (text: string) => void lines.push(text) } as unknown as ReleasePorts['progress'];
  return { observe, progress, lines };
}

const now = release('7', '2026-11-21T10:00:00.000Z');
const head = release('6', '2026-11-01T10:00:00.000Z');
const streams = (load: number) => ({
  '2026/11/21/staging-scorer[7]': [line(load)],
  '2026/11/01/staging-scorer[6]': [line(20)],
});

test('each function that moved is compared with the version before, in that day’s log', async () => {
  const steady = ports(streams(25));
  expect(await reportColdStarts({ plan, release: now, head }, steady)).toEqual([]);
  expect(steady.lines).toEqual([
    'scorer starts cold in 126 ms (init 100 ms, load 25 ms, first run 1 ms); the release before: 121 ms',
  ]);
  expect(await reportColdStarts({ plan, release: now, head }, ports(streams(300)))).toEqual([
    expect.stringMatching(/- slower$/),
  ]);
});

test('a log that is gone stops nothing', async () => {
  const first = ports({ '2026/11/21/staging-scorer[7]': [line(25)] });
  expect(await reportColdStarts({ plan, release: now, head }, first)).toEqual([]);
  expect(first.lines).toHaveLength(1);
  expect(await reportColdStarts({ plan, release: now }, ports({}))).toEqual([]);
});
