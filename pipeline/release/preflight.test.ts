import { deployReport } from '../report/release.ts';
import { planReport } from '../report/release-plan.ts';
import type { PreflightCheck } from './preflight.ts';
import type { ServiceTemplate, Template } from './template.ts';
import { createWorld, type World } from './testing.ts';

const d = (digest: string): string => `sha256:${digest}`;
const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:dsn';

/** `web` with a secret; whatever else a test says. */
function withSecret(made: Template, more: Partial<ServiceTemplate['taskDefinition']> = {}): Template {
  if (made.service !== 'web' || made.kind !== 'web') return made;
  const [container] = made.taskDefinition.containerDefinitions;
  const containerDefinitions = [{ ...container, secrets: [{ name: 'DSN', valueFrom: SECRET }] }] as const;
  return { ...made, taskDefinition: { ...made.taskDefinition, containerDefinitions, ...more } };
}

async function worldWithSecret(): Promise<World> {
  const world = createWorld();
  world.inspect.secrets.set('dsn', { current: 'v1', versions: ['v1'], deleted: false });
  world.changeTemplates('first', withSecret);
  await world.deploy('c000001');
  return world;
}

const failedOf = (checks: readonly PreflightCheck[] = []) => checks.filter(({ state }) => state === 'failed');

test.each<[string, (world: World) => unknown, PreflightCheck['name'], RegExp]>([
  ['image was deleted', (w) => w.missingImages.add(d('w2')), 'image', /does not exist; build it again/],
  [
    'image is for another processor',
    (w) => w.inspect.platform.set(d('w2'), [{ os: 'linux', architecture: 'arm64' }]),
    'image',
    /is for linux\/arm64, not linux\/amd64; build it for that platform/,
  ],
  ['secret was deleted', (w) => w.inspect.secrets.delete('dsn'), 'secrets', /\(DSN\) does not exist; create it/],
  [
    'secret has no value',
    (w) => w.inspect.secrets.set('dsn', { versions: [], deleted: false }),
    'secrets',
    /\(DSN\) has no value; put one/,
  ],
  ['secret may not be read', (w) => w.inspect.forbidden.add('dsn'), 'secrets', /role execution may not read .*dsn/],
  ['target group has no listener', (w) => w.inspect.detached.add('staging-web'), 'target group', /no listener sends/],
  [
    'role cannot be taken on',
    (w) => w.inspect.untrusted.add('arn:aws:iam::000000000000:role/task'),
    'roles',
    /role task cannot be taken on by ecs-tasks\.amazonaws\.com/,
  ],
  [
    'size does not exist',
    (w) => w.changeTemplates('second', (made) => withSecret(made, { memory: '8192' })),
    'size',
    /no memory 8192 with cpu 256; use 512 to 2048/,
  ],
])('a release whose %s is stopped before anything changes, and says what to do', async (_what, harm, name, words) => {
  const world = await worldWithSecret();
  harm(world);
  const before = { updates: world.ecs.updates, definitions: world.ecs.definitions.size, live: world.lambda.live };
  const result = await world.deploy('c000002', { web: 'w2' });
  if (result.outcome !== 'failed') throw new Error(JSON.stringify(result));
  expect(result.failure.stage).toBe('preflight');
  expect(failedOf(result.failure.preflight)).toEqual([
    { service: 'web', name, state: 'failed', detail: expect.stringMatching(words) },
  ]);
  expect({ updates: world.ecs.updates, definitions: world.ecs.definitions.size, live: world.lambda.live }).toEqual(
    before,
  );
});

test("a function's secrets are looked at as well: it reads them itself, with its own role", async () => {
  const world = await worldWithSecret();
  const contents = await world.inspect.functionContents('staging-scorer');
  world.inspect.functions.set('staging-scorer', { ...contents, environment: { DSN_FROM: 'dsn' } });
  expect(await world.deploy('c000002', { scorer: 's2' })).toMatchObject({ outcome: 'deployed' });
  world.inspect.forbidden.add('dsn');
  const result = await world.deploy('c000003', { scorer: 's3' });
  expect(result.outcome === 'failed' && failedOf(result.failure.preflight)).toMatchObject([
    { service: 'scorer', name: 'secrets', detail: expect.stringMatching(/role function may not read .*dsn/) },
  ]);
});

test('a rollback is held to the secrets of the revision that comes back, not to those of today', async () => {
  const world = await worldWithSecret();
  await world.deploy('c000002', { web: 'w2' });
  const first = (await world.ledger.releases('staging', 10)).at(0)?.id ?? '';
  world.changeTemplates('without', (made) => made);
  await world.deploy('c000003', { web: 'w3' });
  world.inspect.secrets.delete('dsn');
  const before = world.ecs.updates;
  const { offered } = await world.dryRunRollback(first);
  expect(offered.find(({ release }) => release.id === first)?.missing).toEqual([
    expect.stringMatching(/^web: secret .*dsn \(DSN\) does not exist/),
  ]);
  const result = await world.rollback(first);
  if (result.outcome !== 'failed') throw new Error(JSON.stringify(result));
  expect(failedOf(result.failure.preflight)).toMatchObject([
    { service: 'web', name: 'secrets', detail: expect.stringMatching(/\(DSN\) does not exist; create it/) },
  ]);
  expect(world.ecs.updates).toBe(before);
});

test.each([
  ['may not be read', 'skipped', /may not be looked at: .*not authorized to perform lambda:GetFunction/, 'deployed'],
  ['is not there', 'failed', /function staging-scorer does not exist; run the provision action/, 'failed'],
])('a function that %s is never taken for one without secrets', async (_what, state, detail, outcome) => {
  const world = await worldWithSecret();
  const functionContents = async () => {
    if (state === 'failed') return undefined;
    const refusal = new Error('not authorized to perform lambda:GetFunction');
    throw Object.assign(refusal, { name: 'AccessDeniedException' });
  };
  Object.assign(world.inspect, { functionContents });
  const result = await world.deploy('c000002', { scorer: 's2' });
  expect(result.outcome).toBe(outcome);
  const checks = 'preflight' in result ? result.preflight : result.outcome === 'failed' ? result.failure.preflight : [];
  const needing = (checks ?? []).filter(({ name }) => ['image', 'secrets', 'roles'].includes(name));
  expect(needing).toEqual(
    ['image', 'secrets', 'roles'].map((name) => ({
      service: 'scorer',
      name,
      state,
      detail: expect.stringMatching(detail),
    })),
  );
});

test('everything that is wrong is said at once, each check by name, with what was skipped and why', async () => {
  const world = await worldWithSecret();
  world.missingImages.add(d('w2'));
  world.inspect.forbidden.add('dsn');
  world.inspect.detached.add('staging-api');
  world.inspect.trusted = async () => {
    throw Object.assign(new Error('not authorized to perform iam:GetRole'), { name: 'AccessDenied' });
  };
  const result = await world.deploy('c000002', { web: 'w2', api: 'a2', scorer: 's2' });
  if (result.outcome !== 'failed') throw new Error(JSON.stringify(result));
  const checks = result.failure.preflight ?? [];
  expect(failedOf(checks).map(({ service, name }) => `${service}: ${name}`)).toEqual([
    'web: image',
    'web: secrets',
    'api: target group',
  ]);
  expect(checks.length).toBe(18);
  expect(checks).toContainEqual(
    expect.objectContaining({
      service: 'scorer',
      name: 'target group',
      state: 'skipped',
      detail: expect.stringMatching(/function/),
    }),
  );
  expect(checks).toContainEqual(
    expect.objectContaining({
      name: 'roles',
      state: 'skipped',
      detail: expect.stringMatching(/may not be looked at.*iam:GetRole/),
    }),
  );
  const report = deployReport(result);
  expect(report).toMatch(/Preflight: \d+ checks ok, \d+ skipped, 3 failed/);
  expect(report).toMatch(/- web\n {2}- image: ✗ \*\*failed\*\* \(image .* does not exist/);
});

describe('a dry run', () => {
  test('shows images, variables, secret versions, template changes, migrations and what is not touched, and changes nothing', async () => {
    const world = await worldWithSecret();
    world.inspect.secrets.set('dsn', { current: 'v2', versions: ['v1', 'v2'], deleted: false });
    world.changeTemplates('second', (made) => {
      if (made.service !== 'web') return { ...made };
      const adjusted = withSecret(made, { memory: '1024' }) as ServiceTemplate;
      return { ...adjusted, migration: { command: ['node', 'migrate.mjs'], level: 3, compatibleFrom: 0 } };
    });
    world.onlyTemplatesOf('web');
    const before = await world.everything();
    const run = await world.dryRunDeploy('c000002', { web: 'w2' });
    expect(await world.everything()).toEqual(before);
    const report = planReport(run);
    expect(report).toContain('### staging: what a deployment would do (dry run; nothing was changed)');
    expect(report).toContain('| web | image, template | `w1` (commit `c000001`) | `w2` (commit `c000002`) |');
    expect(report).toContain('| web | variable | `VARIANT` | `first` | `second` |');
    expect(report).toContain('| web | secret | `DSN` | `dsn v1` | `dsn v2` |');
    expect(report).toContain('| web | template | `memory` | `512` | `1024` |');
    expect(report).toContain('| web | is run: `node migrate.mjs` | 0 -> 3 | from 0 |');
    expect(report).toContain('Not touched: api, scorer, batch.');
    expect(report).not.toContain('SLIPWAY_RELEASE');
    expect(await world.deploy('c000002', { web: 'w2' })).toMatchObject({ outcome: 'deployed' });
  });

  test('of a rollback lists what can be brought back, and what cannot, why', async () => {
    const world = createWorld('production');
    for (const n of [1, 2, 3]) await world.deploy(`c00000${n}`, { web: `w${n}` });
    world.missingImages.add(d('w1'));
    const before = await world.everything();
    const run = await world.dryRunRollback('');
    expect(await world.everything()).toEqual(before);
    expect(run).toMatchObject({ to: { commit: 'c000002' }, problems: [] });
    const report = planReport(run);
    expect(report).toMatch(/\| `\S+c000002` \| `c000002` \| \S+ \| can be brought back \|/);
    expect(report).toMatch(/\| `\S+c000001` \| `c000001` \| \S+ \| cannot: web: its image is gone \|/);
    expect((await world.ledger.control('production')).freeze).toBeUndefined();
  });

  test('of what would be refused says why', async () => {
    const world = createWorld('production');
    await world.deploy('c000001');
    await world.deploy('c000002', { web: 'w2' });
    expect(planReport(await world.dryRunDeploy('c000001', { web: 'w1' }))).toMatch(
      /would be \*\*refused\*\*.*is older than/s,
    );
    expect(planReport(await world.dryRunRollback('v9.9'))).toMatch(/there is no release v9.9/);
  });
});

test('a release remembers which versions of its secrets were current, never their values', async () => {
  const world = await worldWithSecret();
  const { head } = await world.ledger.control('staging');
  const release = await world.ledger.release('staging', head?.release ?? '');
  expect(release?.services['web']?.secrets).toEqual({ DSN: 'v1' });
});
