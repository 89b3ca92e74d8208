import { type ShiftState, shiftStep } from './shifting.ts';

const side = (all: number, healthy = all) => ({ all, healthy });
const state = (change: Partial<ShiftState>): ShiftState => ({
  plan: { canary: { percent: 10, bake: 100 }, bake: 50 },
  stage: 'SCALE_UP',
  elapsed: 0,
  isGoingBack: false,
  desired: 2,
  desiredSource: 2,
  target: side(0),
  source: side(2),
  others: 0,
  ...change,
});

test.each([
  [
    'what an earlier deployment left goes first',
    { stage: 'RECONCILE_SERVICE', others: 1 },
    { stage: 'RECONCILE_SERVICE', stop: ['others'], startTarget: 0 },
  ],
  ['the new side starts beside the old one', {}, { stage: 'SCALE_UP', percent: 0, startTarget: 2, stop: [] }],
  ['nothing is shifted before all of it is healthy', { target: side(2, 1) }, { stage: 'SCALE_UP', percent: 0 }],
  ['a canary gets its share', { target: side(2) }, { stage: 'PRODUCTION_TRAFFIC_SHIFT', percent: 10 }],
  ['for as long as it is told', { stage: 'PRODUCTION_TRAFFIC_SHIFT', elapsed: 99, target: side(2) }, { percent: 10 }],
  [
    'and then everything',
    { stage: 'PRODUCTION_TRAFFIC_SHIFT', elapsed: 100, target: side(2) },
    { stage: 'BAKE_TIME', percent: 100, stop: [] },
  ],
  ['blue/green shifts all at once', { plan: { bake: 50 }, target: side(2) }, { stage: 'BAKE_TIME', percent: 100 }],
  [
    'the old side stands by while it bakes',
    { stage: 'BAKE_TIME', elapsed: 49, target: side(2), source: side(1) },
    { stage: 'BAKE_TIME', startSource: 1 },
  ],
  [
    'and ends after',
    { stage: 'BAKE_TIME', elapsed: 50, target: side(2) },
    { stage: 'CLEAN_UP', percent: 100, stop: ['source', 'others'] },
  ],
  [
    'it is over when the old side is gone',
    { stage: 'CLEAN_UP', target: side(2), source: side(0) },
    { outcome: 'SUCCESSFUL' },
  ],
  [
    'going back moves the requests first',
    { stage: 'BAKE_TIME', isGoingBack: true, target: side(2) },
    { percent: 0, stop: ['target', 'others'], startTarget: 0 },
  ],
  ['and is over when the new side is gone', { isGoingBack: true }, { percent: 0, outcome: 'ROLLBACK_SUCCESSFUL' }],
] as const)('%s', (_name, change, expected) => {
  expect(shiftStep(state(change as Partial<ShiftState>))).toMatchObject(expected);
});
