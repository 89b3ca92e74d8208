import { environmentPriorities, previewPriorities, sharedPriorities } from './rule-priority.ts';

const ROUTES = ['/*', '/v2', '/v2/*', '/v1/score', '/v1/score/*', '/v1/score*'];

test.each([environmentPriorities, sharedPriorities])('the most specific route is asked first', (priorities) => {
  const sorted = [...priorities(ROUTES)].sort(([, left], [, right]) => left - right).map(([route]) => route);
  expect(sorted).toEqual(['/v1/score/*', '/v1/score', '/v1/score*', '/v2/*', '/v2', '/*']);
});

test('nobody on a listener shares a number: previews come first, what they leave over last', () => {
  const previews = [0, 1, 899].flatMap((place) => [...previewPriorities(place, 49)]);
  const own = [...environmentPriorities(ROUTES).values()];
  const shared = [...sharedPriorities(ROUTES).values()];
  const numbers = [...previews, ...own, ...shared];
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(Math.max(...previews)).toBeLessThan(Math.min(...own));
  expect(Math.max(...own)).toBeLessThan(Math.min(...shared));
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
