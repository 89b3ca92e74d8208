import { runsIn } from './schedules.ts';

const WEEK = 7 * 24;

test.each<[string, number | undefined]>([
  ['rate(1 day)', 7],
  ['rate(5 minutes)', 2016],
  ['rate(2 hours)', 84],
  ['cron(0 3 * * ? *)', 7],
  ['cron(0 8,20 ? * MON-FRI *)', 10],
  ['cron(0/15 * * * ? *)', 672],
  ['cron(0 3 1 * ? *)', undefined],
  ['cron(0 3 ? * SUN#1 *)', undefined],
  ['at(2026-11-20T13:00:00)', undefined],
])('%s runs so often in a week: %p', (expression, runs) => {
  expect(runsIn(WEEK, expression)).toEqual(runs === undefined ? undefined : expect.closeTo(runs, 6));
});
