import { environmentPriorities, previewPriorities } from './rule-priority.ts';

const ROUTES = ['/*', '/v2', '/v2/*', '/v1/score', '/v1/score/*', '/v1/score*'];

test('the most specific route is asked first', () => {
  const sorted = [...environmentPriorities(ROUTES)].sort(([, left], [, right]) => left - right).map(([route]) => route);
  expect(sorted).toEqual(['/v1/score/*', '/v1/score', '/v1/score*', '/v2/*', '/v2', '/*']);
});

test('nobody on a listener shares a number: previews come first, then the environment', () => {
  const previews = [0, 1, 899].flatMap((place) => [...previewPriorities(place, 49)]);
  const own = [...environmentPriorities(ROUTES).values()];
  const numbers = [...previews, ...own];
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(Math.max(...previews)).toBeLessThan(Math.min(...own));
  expect(Math.min(...numbers)).toBe(2);
  expect(Math.max(...numbers)).toBeLessThanOrEqual(50_000);
});

test('what does not fit is refused in words', () => {
  expect(() => previewPriorities(0, 50)).toThrow('49 rules, not 50');
  expect(() => previewPriorities(900, 1)).toThrow('no place 900');
});

test('a new route leaves the numbers of others alone', () => {
  const before = environmentPriorities(ROUTES);
  const after = environmentPriorities(['/admin/*', '/v3', ...ROUTES]);
  for (const [route, priority] of before) expect(after.get(route)).toBe(priority);
});

test('the longest route still has a place', () => {
  const longest = `/${'a'.repeat(126)}`;
  expect(environmentPriorities([longest, `${longest}*`]).get(longest)).toBeGreaterThanOrEqual(1);
});
