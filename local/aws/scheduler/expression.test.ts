import { nextTime, parseExpression } from './expression.ts';

const next = (text: string, after: string, options: { started?: string; timezone?: string } = {}) => {
  const expression = parseExpression(text);
  if (!expression) return 'refused';
  const { started = after, timezone = 'UTC' } = options;
  const time = nextTime(expression, { after: Date.parse(after), started: Date.parse(started), timezone });
  return time === undefined ? 'never' : new Date(time).toISOString();
};

test.each([
  ['rate(5 minutes)', '2026-01-01T00:07:00Z', '2026-01-01T00:12:00.000Z'],
  ['rate(1 day)', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
  ['at(2026-03-01T12:00:00)', '2026-01-01T00:00:00Z', '2026-03-01T12:00:00.000Z'],
  ['at(2026-03-01T12:00:00)', '2026-03-01T12:00:00Z', 'never'],
  ['cron(0 3 * * ? *)', '2026-01-01T03:00:00Z', '2026-01-02T03:00:00.000Z'],
  ['cron(0/15 * * * ? *)', '2026-01-01T03:01:30Z', '2026-01-01T03:15:00.000Z'],
  ['cron(30 8 ? * MON-FRI *)', '2026-01-02T09:00:00Z', '2026-01-05T08:30:00.000Z'],
  ['cron(0 0 29 FEB ? *)', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['cron(0 0 1,15 * ? 2030)', '2026-01-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
  ['cron(0 0 31 FEB ? *)', '2026-01-01T00:00:00Z', 'never'],
  ['cron(0 0 L * ? *)', '2026-01-01T00:00:00Z', 'refused'],
  ['cron(61 * * * ? *)', '2026-01-01T00:00:00Z', 'refused'],
  ['cron(0 3 * * ?)', '2026-01-01T00:00:00Z', 'refused'],
  ['rate(0 minutes)', '2026-01-01T00:00:00Z', 'refused'],
  ['every day', '2026-01-01T00:00:00Z', 'refused'],
])('%s after %s is %s', (text, after, expected) => {
  expect(next(text, after)).toBe(expected);
});

test('a rate counts from when the schedule was made', () => {
  const started = '2026-01-01T00:03:00Z';
  expect(next('rate(10 minutes)', '2026-01-01T00:20:00Z', { started })).toBe('2026-01-01T00:23:00.000Z');
});

test('a time zone moves with summer time', () => {
  const timezone = 'Europe/Berlin';
  expect(next('cron(0 8 * * ? *)', '2026-01-10T12:00:00Z', { timezone })).toBe('2026-01-11T07:00:00.000Z');
  expect(next('cron(0 8 * * ? *)', '2026-07-10T12:00:00Z', { timezone })).toBe('2026-07-11T06:00:00.000Z');
  expect(next('at(2026-07-11T08:00:00)', '2026-07-10T12:00:00Z', { timezone })).toBe('2026-07-11T06:00:00.000Z');
});
