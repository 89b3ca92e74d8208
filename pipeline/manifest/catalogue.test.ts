import { catalogueErrors } from './catalogue.ts';
import { describeErrors } from './result.ts';
import { compareRoutes, routeOf } from './routes.ts';
import type { Manifest } from './types.ts';

const web = (name: string, rest: Partial<Manifest> = {}): Manifest => ({
  name,
  kind: 'web',
  description: name,
  entry: 'main.ts',
  builder: 'node',
  cpu: 256,
  memory: 512,
  port: 8080,
  health: '/health',
  routes: [`/${name}/*`],
  ...rest,
});
const feedback = { owns: { tables: [{ name: 'feedback', partitionKey: 'id' }] } };
const check = (path: string): Partial<Manifest> => ({ checks: [{ name: 'answers', path, expect: { status: 200 } }] });

describe('catalogueErrors', () => {
  test('has nothing to say about services that fit together', () => {
    const reader = web('b', { uses: [{ table: 'feedback', access: 'read' }], ...check('/b/1?x=/a/') });
    expect(catalogueErrors([web('a', feedback), reader, web('c', { routes: ['/*'] })])).toEqual([]);
  });

  test.each([
    [
      'two owners',
      [web('a', feedback), web('b', feedback)],
      'services/b/service.json',
      'owns.tables.0.name',
      /service a owns already/,
    ],
    [
      'a use of a table nobody owns',
      [web('a', feedback), web('b', { uses: [{ table: 'jobs', access: 'read' }] })],
      'services/b/service.json',
      'uses.0.table',
      /known tables: feedback/,
    ],
    [
      'a queue that listens to a topic nobody owns',
      [web('a', { owns: { queues: [{ name: 'mail', topics: ['news'] }] } })],
      'services/a/service.json',
      'owns.queues.0.topics.0',
      /known topics: none/,
    ],
    [
      'a bucket used as a table',
      [web('a', feedback), web('b', { uses: [{ bucket: 'feedback', access: 'read' }] })],
      'services/b/service.json',
      'uses.0.bucket',
      /there is no bucket yet/,
    ],
    [
      'the same route twice',
      [web('a', { routes: ['/*'] }), web('b', { routes: ['/b', '/*'] })],
      'services/b/service.json',
      'routes.1',
      /same route of service a/,
    ],
    [
      "a check of another service's path",
      [web('a', check('/b/1')), web('b')],
      'services/a/service.json',
      'checks.0.path',
      /answered by service b/,
    ],
    [
      'a check of a path that nobody serves',
      [web('a', check('/z')), web('b')],
      'services/a/service.json',
      'checks.0.path',
      /no route covers/,
    ],
  ] as const)('refuses %s', (_, manifests, file, field, words) => {
    const errors = catalogueErrors(manifests);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ file, field });
    expect(describeErrors(errors)).toMatch(words);
  });
});

test('services move in an order that exists', () => {
  const errors = catalogueErrors([
    web('a', { after: ['b', 'nobody'] }),
    web('b', { after: ['a'] }),
    web('c', { after: ['a'] }),
  ]);
  expect(errors.map(({ file, field, problem }) => `${file} ${field} ${problem}`)).toEqual([
    'services/a/service.json after.1 is no service',
    'services/a/service.json after makes a wait for itself',
    'services/b/service.json after makes b wait for itself',
  ]);
});

test('the longer literal part of a route wins, then the route without *', () => {
  const routes = ['/*', '/v1/score', '/v1/*', '/v1/score*'];
  expect([...routes].sort(compareRoutes)).toEqual(['/v1/score', '/v1/score*', '/v1/*', '/*']);
  expect(routeOf('/v1/score', routes)).toBe('/v1/score');
  expect(routeOf('/v1/scores?x', routes)).toBe('/v1/score*');
  expect(routeOf('/v2', routes)).toBe('/*');
});
