import { breakerThreshold, type RollingState, rollingStep } from './rolling.ts';

const state = (change: Partial<RollingState>): RollingState => ({
  primary: 'new',
  desired: 2,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  tasks: [],
  failed: false,
  ...change,
});
const task = (id: string, deployment: string, healthy = true) => ({ id, deployment, healthy });

test.each([
  ['a fresh service starts all its tasks', state({}), { start: 2, stop: [], complete: false }],
  [
    'new tasks come before old ones go',
    state({ tasks: [task('a', 'old'), task('b', 'old')] }),
    { start: 2, stop: [], complete: false },
  ],
  [
    'an old task goes for each new one that is healthy',
    state({ tasks: [task('a', 'old'), task('b', 'old'), task('c', 'new'), task('d', 'new', false)] }),
    { start: 0, stop: ['a'], complete: false },
  ],
  [
    'nothing goes while the new tasks are unhealthy',
    state({ tasks: [task('a', 'old'), task('b', 'old'), task('c', 'new', false), task('d', 'new', false)] }),
    { start: 0, stop: [], complete: false },
  ],
  [
    'complete when only healthy new tasks are left',
    state({ tasks: [task('c', 'new'), task('d', 'new')] }),
    { start: 0, stop: [], complete: true },
  ],
  [
    'minimum 0 percent: old ones go first when there is no room',
    state({ minimumHealthyPercent: 0, maximumPercent: 100, tasks: [task('a', 'old'), task('b', 'old')] }),
    { start: 0, stop: ['a', 'b'], complete: false },
  ],
  [
    'scaling in stops the unhealthy first',
    state({ desired: 1, tasks: [task('c', 'new'), task('d', 'new', false)] }),
    { start: 0, stop: ['d'], complete: false },
  ],
  [
    'scaling to zero stops all',
    state({ desired: 0, tasks: [task('c', 'new'), task('a', 'old')] }),
    { start: 0, stop: ['c', 'a'], complete: false },
  ],
  ['zero of zero is complete', state({ desired: 0 }), { start: 0, stop: [], complete: true }],
  [
    'a failed deployment starts nothing and keeps the old tasks',
    state({ failed: true, tasks: [task('a', 'old'), task('b', 'old')] }),
    { start: 0, stop: [], complete: false },
  ],
])('%s', (_case, given, expected) => {
  expect(rollingStep(given)).toEqual(expected);
});

test.each([
  [1, 3],
  [10, 5],
  [1000, 200],
])('of %d desired tasks %d failures trip the breaker', (desired, threshold) =>
  expect(breakerThreshold(desired)).toBe(threshold),
);
