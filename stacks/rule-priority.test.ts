import { rulePriorities } from './rule-priority.ts';

const ROUTES = ['/*', '/v2', '/v2/*', '/v1/score', '/v1/score/*', '/v1/score*'];
const sorted = (environment: string): string[] =>
  [...rulePriorities(environment, ROUTES)].sort(([, left], [, right]) => left - right).map(([route]) => route);

test.each(['staging', 'production', 'pr-1', 'pr-999999'])('%s asks the most specific route first', (environment) => {
  expect(sorted(environment)).toEqual(['/v1/score/*', '/v1/score', '/v1/score*', '/v2/*', '/v2', '/*']);
});

test('environments that share a listener never share a number', () => {
  const numbers = ['staging', 'pr-1', 'pr-2', 'pr-959'].flatMap((environment) => [
    ...rulePriorities(environment, ROUTES).values(),
  ]);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) {
    expect(number).toBeGreaterThanOrEqual(1);
    expect(number).toBeLessThanOrEqual(50_000);
  }
});

test('a new route leaves the numbers of others alone', () => {
  const before = rulePriorities('production', ROUTES);
  const after = rulePriorities('production', ['/admin/*', '/v3', ...ROUTES]);
  for (const [route, priority] of before) expect(after.get(route)).toBe(priority);
});

test('the longest route still has a place', () => {
  const longest = `/${'a'.repeat(126)}`;
  expect(rulePriorities('staging', [longest, `${longest}*`]).get(longest)).toBeGreaterThanOrEqual(1);
});
