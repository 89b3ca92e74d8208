import { parseManifest } from './parse.ts';
import { describeErrors } from './result.ts';

const FILE = 'services/x/service.json';
const common = { name: 'x', description: 'An example', entry: 'main.ts', builder: 'node' };
const web = { ...common, kind: 'web', cpu: 256, memory: 512, port: 8080, health: '/health', routes: ['/*'] };
const fn = { ...common, kind: 'function', memory: 512, timeout: 10, routes: ['/v1/score*'] };
const job = { ...common, kind: 'job', cpu: 256, memory: 512, timeout: 60 };
const worker = { ...common, kind: 'worker', cpu: 512, memory: 1024 };

const check = (rest: object) => ({ ...web, checks: [{ name: 'c', path: '/', expect: { status: 200 }, ...rest }] });

describe('parseManifest', () => {
  test.each([web, fn, job, worker, { ...web, $schema: '../service.schema.json' }])('accepts a $kind', (value) => {
    expect(parseManifest(value, FILE)).toMatchObject({ ok: true, value: { name: 'x', kind: value.kind } });
  });

  test.each([
    ['not an object', 'text', '', /must be object/],
    ['a missing field', { ...web, entry: undefined }, 'entry', /is missing.*TypeScript entry point/],
    ['an unknown field', { ...web, prot: 1 }, 'prot', /not a known field.*known fields are/],
    ['a misspelt field', { ...web, scalling: {} }, 'scalling', /Did you mean "scaling"/],
    [
      'a share of a rollout that has none',
      { ...web, rollout: { strategy: 'blue-green', percent: 5 } },
      'rollout.percent',
      /make the strategy canary/,
    ],
    [
      'a rolling rollout that bakes',
      { ...web, rollout: { strategy: 'rolling', bakeMinutes: 5 } },
      'rollout.bakeMinutes',
      /Remove it/,
    ],
    [
      'blue-green for a function',
      { ...fn, rollout: { strategy: 'blue-green' } },
      'rollout.strategy',
      /alias of a function/,
    ],
    [
      'more routes than one rule takes',
      { ...web, routes: ['/a', '/b', '/c', '/d', '/e'], rollout: { strategy: 'canary' } },
      'routes',
      /at most 3 routes/,
    ],
    ['a rollout of a worker', { ...worker, rollout: { strategy: 'canary' } }, 'rollout', /does not belong to a worker/],
    ['an unknown kind', { ...web, kind: 'cron' }, 'kind', /one of web, worker, function, job/],
    ['a wrong type', { ...web, port: 'eighty' }, 'port', /"eighty".*must be integer/],
    ['a path out of the folder', { ...web, entry: '../../etc/passwd' }, 'entry', /without \.\./],
    ['a name that is too long', { ...web, name: 'x'.repeat(21) }, 'name', /at most 20/],
    ['a number as variable', { ...web, environment: { LEVEL: 3 } }, 'environment.LEVEL', /in quotes/],
    ['a lower case variable', { ...web, environment: { level: '3' } }, 'environment.level', /capital letters/],
    ['a reserved variable', { ...web, environment: { PORT: '1' } }, 'environment.PORT', /sets/],
    ['how much is traced', { ...web, environment: { TRACING_SHARE: '1' } }, 'environment.TRACING_SHARE', /sets/],
    [
      'a variable that is also a secret',
      { ...web, environment: { DSN: '1' }, secrets: { DSN: 'dsn' } },
      'secrets.DSN',
      /also set/,
    ],
    ['a port on a job', { ...job, port: 80_80 }, 'port', /does not belong to a job.*make the kind web/],
    ['health on a function', { ...fn, health: '/health' }, 'health', /does not belong to a function/],
    ['cpu on a function', { ...fn, cpu: 256 }, 'cpu', /does not belong to a function/],
    ['a schedule on web', { ...web, schedule: 'rate(1 hour)' }, 'schedule', /does not belong to a web/],
    ['a malformed schedule', { ...job, schedule: 'every hour' }, 'schedule', /EventBridge/],
    ['checks on a worker', { ...worker, checks: [] }, 'checks', /does not belong to a worker/],
    [
      'a migration on a job',
      { ...job, migration: { command: ['migrate'], level: 1, compatibleFrom: 0 } },
      'migration',
      /does not belong to a job/,
    ],
    [
      'a migration that its own code cannot bear',
      { ...web, migration: { command: ['migrate'], level: 1, compatibleFrom: 2 } },
      'migration.compatibleFrom',
      /above migration\.level/,
    ],
    [
      'a migration without a level',
      { ...web, migration: { command: ['migrate'], compatibleFrom: 0 } },
      'migration.level',
      /missing/,
    ],
    ['web without health', { ...web, health: undefined }, 'health', /a web needs it/],
    ['a function without routes', { ...fn, routes: undefined }, 'routes', /a function needs it/],
    [
      'a size that Fargate lacks',
      { ...web, cpu: 1024, memory: 512 },
      'memory',
      /cpu 1024.*2048, 3072, 4096, \.\.\. 8192/,
    ],
    ['a cpu that Fargate lacks', { ...web, cpu: 300 }, 'cpu', /256, 512, 1024/],
    ['a function that is too large', { ...fn, memory: 10241 }, 'memory', /Lambda allows \(10240\)/],
    ['a function that runs too long', { ...fn, timeout: 901 }, 'timeout', /make the kind job/],
    [
      'no task and nothing that starts one',
      { ...web, scaling: { minimum: 0, maximum: 2 } },
      'scaling.minimum',
      /backlog/,
    ],
    [
      'a backlog of a queue that it does not read',
      { ...worker, scaling: { minimum: 0, maximum: 2, backlog: { queue: 'other', perTask: 10 } } },
      'scaling.backlog.queue',
      /there is none/,
    ],
    [
      'scaling upside down',
      { ...web, scaling: { minimum: 3, maximum: 2 } },
      'scaling.minimum',
      /above scaling.maximum/,
    ],
    ['a route in the middle of which is a *', { ...web, routes: ['/a/*/b'] }, 'routes.0', /ends with \*/],
    ['a redundant route', { ...web, routes: ['/v2/*', '/v2/models'] }, 'routes.1', /already covered by \/v2\/\*/],
    ['a use of nothing', { ...web, uses: [{ access: 'read' }] }, 'uses.0', /exactly one/],
    ['a function that nobody calls', { ...fn, routes: undefined }, 'routes', /needs it or a trigger/],
    ['a trigger beside routes', { ...fn, trigger: 'tokens' }, 'routes', /beside a trigger/],
    ['renewing without the trigger', { ...fn, rotates: { x: 30 } }, 'rotates', /needs the trigger rotation/],
    ['reading from a topic', { ...web, uses: [{ topic: 'news', access: 'read' }] }, 'uses.0.access', /only written to/],
    [
      'a queue named like dead letters',
      { ...web, owns: { queues: [{ name: 'mail-dead' }] } },
      'owns.queues.0.name',
      /dead letters/,
    ],
    ['a use of two things', { ...web, uses: [{ table: 'a', bucket: 'b', access: 'read' }] }, 'uses.0', /exactly one/],
    ['an unknown access', { ...web, uses: [{ table: 'a', access: 'all' }] }, 'uses.0.access', /one of read, write/],
    [
      'a table declared twice',
      {
        ...web,
        owns: {
          tables: [
            { name: 'a', partitionKey: 'id' },
            { name: 'a', partitionKey: 'id' },
          ],
        },
      },
      'owns.tables.1.name',
      /declared twice/,
    ],
    [
      'one attribute as both keys',
      { ...web, owns: { tables: [{ name: 'a', partitionKey: 'i', sortKey: 'i' }] } },
      'owns.tables.0.sortKey',
      /partition key/,
    ],
    [
      'a key that expires',
      { ...web, owns: { tables: [{ name: 'a', partitionKey: 'i', timeToLive: 'i' }] } },
      'owns.tables.0.timeToLive',
      /keys are strings/,
    ],
    ['a body on GET', check({ body: {} }), 'checks.0.body', /Set method/],
    [
      'a matcher with two conditions',
      check({ expect: { status: 200, json: { a: { equals: 1, between: [1, 2] } } } }),
      'checks.0.expect.json.a',
      /equals/,
    ],
    [
      'numbers in the wrong order',
      check({ expect: { status: 200, json: { a: { between: [2, 1] } } } }),
      'checks.0.expect.json.a.between',
      /Swap/,
    ],
  ])('refuses %s', (_, value, field, words) => {
    const result = parseManifest(JSON.parse(JSON.stringify(value)), FILE);
    if (result.ok) throw new Error('was accepted');
    expect(result.errors.map((error) => error.field)).toContain(field);
    expect(describeErrors(result.errors)).toMatch(words);
    expect(describeErrors(result.errors)).toContain(FILE);
  });

  test('collects every error', () => {
    const result = parseManifest({ ...web, port: 1, cpu: 7, colour: 'red' }, FILE);
    if (result.ok) throw new Error('was accepted');
    expect(result.errors.map(({ field }) => field).sort()).toEqual(['colour', 'cpu', 'port']);
  });
});
