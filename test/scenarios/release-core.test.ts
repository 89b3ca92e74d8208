import { jest } from '@jest/globals';
import type { RunReport } from '../../local/cli/cloud/wire.ts';
import { EDITED_FILE, roundDifferently } from '../../local/cli/story/edit.ts';
import { readLedger, servedDigests } from '../support/aws.ts';
import { call, git, until } from '../support/control.ts';
import { cloudLog, createHome } from '../support/home.ts';

// Whole systems race the machine they run on here: one more try, which is printed with the error of the first.
jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });

const home = createHome();
const MINUTES = 60_000;
const APPROVAL = { SLIPWAY_APPROVAL: 'comment' };

afterAll(() => home.remove(), 2 * MINUTES);

interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: string;
}

const outcomes = (run: RunReport | undefined) =>
  Object.fromEntries(
    (run?.jobs ?? []).map(({ name, conclusion, outputs }) => [name, outputs['outcome'] ?? conclusion]),
  );
const errors = (runs: readonly RunReport[]) => runs.flatMap(({ jobs }) => jobs.flatMap((job) => job.errors));
const issues = () => call<readonly Issue[]>(home, 'issues');
const comment = (number: number, body: string, author?: string) =>
  call<{ runs: RunReport[] }>(home, 'comment', { number, body, ...(author && { author }) });

/** Every call with which a deployment or rollback changes something. */
const CHANGES = [
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem'].map((name) => `dynamodb:${name}`),
  ...['UpdateService', 'RegisterTaskDefinition', 'DeregisterTaskDefinition', 'RunTask'].map((name) => `ecs:${name}`),
  ...['UpdateFunctionCode', 'PublishVersion', 'UpdateAlias', 'PutProvisionedConcurrencyConfig'].map(
    (n) => `lambda:${n}`,
  ),
  ...['PutParameter', 'DeleteParameter'].map((name) => `ssm:${name}`),
  ...['PutObject', 'DeleteObject'].map((name) => `s3:${name}`),
  ...['PutImage', 'BatchDeleteImage'].map((name) => `ecr:${name}`),
];

test(
  'production waits for an approval; a stranger gives none, somebody who may write does, and it is on record',
  async () => {
    const up = await home.json(['up'], { environment: APPROVAL });
    const [first] = up.lines[0]?.['runs'] ?? [];
    expect({ outcomes: outcomes(first), log: up.code === 0 ? '' : cloudLog(home) }).toEqual({
      outcomes: { synth: 'success', build: 'success', staging: 'deployed', approval: 'waiting', production: 'skipped' },
      log: '',
    });
    const commit = await git(home, ['rev-parse', 'main']);
    const [issue] = await issues();
    expect(issue).toMatchObject({ state: 'open', title: `production: ${commit.slice(0, 7)} waits for approval` });
    expect((await readLedger(home, 'production')).head).toBeUndefined();

    const stranger = await comment(issue?.number ?? 0, `/approve ${commit.slice(0, 7)}`, 'mallory');
    expect(errors(stranger.runs).join()).toMatch(/mallory may not write to this repository/);
    expect(stranger.runs.map(({ workflow }) => workflow)).toEqual(['approve.yml']);

    const approved = await comment(issue?.number ?? 0, `/approve ${commit.slice(0, 7)}`);
    expect(errors(approved.runs)).toEqual([]);
    expect(approved.runs.map(({ workflow }) => workflow)).toEqual(['approve.yml', 'deploy.yml']);
    expect(outcomes(approved.runs[1])).toMatchObject({ approval: 'approved', production: 'deployed' });
    const { head, releases } = await readLedger(home, 'production');
    expect(releases.find(({ id }) => id === head?.release)).toMatchObject({
      commit,
      trigger: 'workflow_dispatch',
      approval: { commit, by: 'developer', how: expect.stringContaining('http') },
    });
    expect((await issues())[0]).toMatchObject({ state: 'closed' });
  },
  5 * MINUTES,
);

test(
  'a dry run of a rollback shows what it would do, asks only questions, and the rollback opens an issue that resume closes',
  async () => {
    const { text } = await call<{ text: string }>(home, 'file', { path: EDITED_FILE });
    const files = { [EDITED_FILE]: roundDifferently(text).text };
    const pushed = await call<{ runs: RunReport[] }>(home, 'commit', { message: 'Round differently', files });
    expect(errors(pushed.runs)).toEqual([]);

    const before = { ledger: await readLedger(home, 'staging'), served: await servedDigests(home, 'staging') };
    for (const operation of CHANGES) await call(home, 'faults-add', { operation, effect: 'deny' });
    const inputs = { environment: 'staging', 'dry-run': 'true' };
    const plan = await call<RunReport>(home, 'dispatch', { workflow: 'rollback.yml', inputs });
    expect(errors([plan])).toEqual([]);
    const wet = await call<RunReport>(home, 'dispatch', {
      workflow: 'rollback.yml',
      inputs: { environment: 'staging' },
    });
    expect(errors([wet]).join()).toMatch(/AccessDenied/);
    await call(home, 'faults-clear');
    expect({ ledger: await readLedger(home, 'staging'), served: await servedDigests(home, 'staging') }).toEqual(before);
    const summary = plan.jobs[0]?.summary ?? '';
    expect(summary).toContain('dry run; nothing was changed');
    expect(summary).toMatch(/\| inference \| rollback \|/);
    expect(summary).toMatch(/Not touched: .*web/);
    expect(summary).toMatch(/Preflight: \d+ checks ok, \d+ skipped, 0 failed/);
    expect(summary).toMatch(/can be brought back/);

    const { code, lines } = await home.json(['rollback', '--environment', 'staging', '--reason', 'wrong answers']);
    expect({ code, errors: errors(lines[0]?.['runs'] ?? []) }).toEqual({ code: 0, errors: [] });
    const notLive = (await issues()).find(({ title }) => title.startsWith('staging is back on'));
    expect(notLive).toMatchObject({ state: 'open', title: expect.stringMatching(/1 commits on main are not live/) });
    expect(notLive?.body).toMatch(/Round differently/);
    expect((await home.json(['rollback', '--resume', '--environment', 'staging'])).code).toBe(0);
    expect((await issues()).find(({ number }) => number === notLive?.number)).toMatchObject({ state: 'closed' });
  },
  5 * MINUTES,
);

test(
  'the drill rolls staging back and forward again, and says how long rollbacks take',
  async () => {
    const served = await servedDigests(home, 'staging');
    const run = await call<RunReport>(home, 'dispatch', { workflow: 'drill.yml', inputs: {} });
    expect({ errors: errors([run]), outcomes: outcomes(run) }).toEqual({ errors: [], outcomes: { drill: 'drilled' } });
    expect(run.jobs[0]?.summary).toMatch(/a rollback works[\s\S]*Rollbacks of staging so far: 3, half of them within/);
    expect(await servedDigests(home, 'staging')).toEqual(served);
    const { freeze, releases } = await readLedger(home, 'staging');
    expect(freeze).toBeUndefined();
    expect(releases.slice(0, 2).map(({ kind, reason }) => `${kind} ${reason}`)).toEqual([
      'rollback drill: forward',
      'rollback drill: back',
    ]);
  },
  5 * MINUTES,
);

const MANIFEST = 'services/web/service.json';
const ENTRY = 'services/web/main.ts';
const textOf = async (path: string): Promise<string> => (await call<{ text: string }>(home, 'file', { path })).text;

/** `web` with other first lines of its program, and with a migration if there is one. */
async function changedWeb(lines: string, migration?: object): Promise<Record<string, string>> {
  const [entry, manifest] = await Promise.all([textOf(ENTRY), textOf(MANIFEST)]);
  const imports = entry.lastIndexOf('\nimport ');
  const place = entry.indexOf('\n', imports + 1) + 1;
  const program = `${entry.slice(0, place)}\n${lines}\n${entry.slice(place)}`;
  const changed = { ...(JSON.parse(manifest) as object), ...(migration && { migration }) };
  return { [ENTRY]: program, ...(migration && { [MANIFEST]: JSON.stringify(changed) }) };
}

test(
  'a migration runs as a task of the new revision before the rollout, and its level stands in the way of a rollback',
  async () => {
    const lines =
      "if (process.argv[2] === 'migrate') {\n  console.log('the table has its new column');\n  process.exit(0);\n}";
    const migration = { command: ['migrate'], level: 2, compatibleFrom: 2 };
    const files = await changedWeb(lines, migration);
    const refused = await call<{ runs: RunReport[] }>(home, 'commit', { message: 'New column', files });
    expect(errors(refused.runs).join()).toMatch(
      /web: migration 2 works only with code from level 2 on, and level 0 serves/,
    );
    const inputs = { 'allow-incompatible-migration': 'true' };
    const run = await call<RunReport>(home, 'dispatch', { workflow: 'deploy.yml', inputs });
    expect(errors([run])).toEqual([]);
    expect((await readLedger(home, 'staging')).migrations?.['web']).toMatchObject([{ level: 2, done: true }]);
    const logs = await home.json(['logs', '--service', 'web', '--environment', 'staging']);
    expect(JSON.stringify(logs.lines)).toContain('the table has its new column');
    const back = await home.json(['rollback', '--environment', 'staging', '--reason', 'old code']);
    expect(errors(back.lines[0]?.['runs']).join()).toMatch(
      /web: its data is at level 2, which works only with code from level 2 on/,
    );
    expect((await readLedger(home, 'staging')).freeze).toBeUndefined();
  },
  5 * MINUTES,
);

test(
  'a rollback while a deployment is under way stops it, and everything is on what served before',
  async () => {
    const served = await servedDigests(home, 'staging');
    const { head } = await readLedger(home, 'staging');
    const files = await changedWeb('await new Promise((resolve) => setTimeout(resolve, 600_000));');
    const deploying = call<{ runs: RunReport[] }>(home, 'commit', { message: 'Starts too slowly', files });
    await until(async () => (await servedDigests(home, 'staging'))['web'] !== served['web']);
    const inputs = { environment: 'staging', reason: 'hangs' };
    const rolledBack = await call<RunReport>(home, 'dispatch', { workflow: 'rollback.yml', inputs });
    expect(errors([rolledBack])).toEqual([]);
    expect(errors((await deploying).runs).join()).toMatch(/stopped by developer .* \(rollback: hangs\)/);
    expect(await servedDigests(home, 'staging')).toEqual(served);
    const ledger = await readLedger(home, 'staging');
    expect(ledger.releases.filter(({ status }) => status === 'deploying')).toEqual([]);
    expect(ledger.releases.slice(0, 2)).toMatchObject([
      { kind: 'rollback', restores: head?.release },
      { status: 'interrupted' },
    ]);
    expect(ledger.lock).toBeUndefined();
  },
  5 * MINUTES,
);
