import { readdirSync, readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { processStartTime, readRecord } from '../../local/cli/cloud/home.ts';
import { EDITED_FILE, roundDifferently } from '../../local/cli/story/edit.ts';
import { isDeploying, readLedger, servedDigests, stateLocks } from '../support/aws.ts';
import { call, until } from '../support/control.ts';
import { send } from '../support/front-door.ts';
import { cloudLog, createHome } from '../support/home.ts';

// Whole systems race the machine they run on here: one more try, which is printed with the error of the first.
jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });

const home = createHome();
const MINUTES = 60_000;
const ENVIRONMENTS = ['staging', 'production'] as const;

beforeAll(async () => {
  const { code, lines } = await home.json(['up']);
  if (code !== 0) throw new Error(`up: ${JSON.stringify(lines)} ${cloudLog(home)}`);
}, 5 * MINUTES);

afterAll(() => home.remove(), 2 * MINUTES);

test('up on a local cloud that is up has nothing to do', async () => {
  const { code, lines } = await home.json(['up']);
  expect({ code, first: lines[0] }).toMatchObject({ code: 0, first: { ok: true, runs: [] } });
});

/** A change of the inference service's code. */
async function changedCode(): Promise<Record<string, string>> {
  const { text } = await call<{ text: string }>(home, 'file', { path: EDITED_FILE });
  return { [EDITED_FILE]: roundDifferently(text).text };
}

/** A change of what Terraform says about the web service. */
async function changedSize(): Promise<Record<string, string>> {
  const path = 'services/web/service.json';
  const { text } = await call<{ text: string }>(home, 'file', { path });
  const manifest = JSON.parse(text) as { memory: number };
  return { [path]: JSON.stringify({ ...manifest, memory: manifest.memory === 512 ? 1024 : 512 }) };
}

/** Kills the local cloud's process at once; resolves to the processes that it leaves behind. */
async function killCloud(): Promise<Map<number, string>> {
  const pid = readRecord(home.folder)?.process?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await until(async () => processStartTime(pid) === undefined);
  return orphans();
}

/** Containers and steps that mention the folder, with what tells them from later processes. */
function orphans(): Map<number, string> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = pids.flatMap((name): [number, string][] => {
    try {
      const text = readFileSync(`/proc/${name}/cmdline`, 'utf8') + readFileSync(`/proc/${name}/environ`, 'utf8');
      const started = processStartTime(Number(name));
      return text.includes(home.folder) && started !== undefined ? [[Number(name), started]] : [];
    } catch {
      return [];
    }
  });
  return new Map(found);
}

const MOMENTS = [
  ['Terraform holds the lock of a state', changedSize, async () => (await stateLocks(home)).length > 0],
  [
    'a service of staging has moved and the release is not live',
    changedCode,
    async () => {
      const { head, releases } = await readLedger(home, 'staging');
      const live = releases.find(({ id }) => id === head?.release)?.services['inference']?.digest;
      return (await isDeploying(home, 'staging')) && (await servedDigests(home, 'staging'))['inference'] !== live;
    },
  ],
  ['production is being deployed', changedCode, () => isDeploying(home, 'production')],
] as const;

test.each(MOMENTS)(
  'killed while %s: after the next start every environment serves one release',
  async (_moment, change, isNow) => {
    const files = await change();
    const running = call(home, 'commit', { message: 'To be killed', files }).catch((error: unknown) => error);
    await until(isNow);
    const left = await killCloud();
    expect(left.size).toBeGreaterThan(0);
    expect(await running).toEqual(expect.objectContaining({ message: expect.stringContaining('went away') }));

    await home.launch();
    await until(async () => !(await isDeploying(home, 'staging')) && !(await isDeploying(home, 'production')));
    for (const environment of ENVIRONMENTS) {
      const { head, releases } = await readLedger(home, environment);
      const live = releases.find(({ id }) => id === head?.release);
      const served = await servedDigests(home, environment);
      for (const service of Object.keys(served))
        expect([environment, service, served[service]]).toEqual([
          environment,
          service,
          live?.services[service]?.digest,
        ]);
    }

    const { code, lines } = await home.json(['up']);
    expect({ code, error: code === 0 ? '' : JSON.stringify(lines) }).toEqual({ code: 0, error: '' });
    for (const [pid, startTime] of left) expect([pid, processStartTime(pid)]).not.toEqual([pid, startTime]);
    expect(await stateLocks(home)).toEqual([]);
    for (const environment of ENVIRONMENTS) {
      expect((await readLedger(home, environment)).lock).toBeUndefined();
      expect(await send(home, { environment, path: '/health' })).toMatchObject({ status: 200 });
    }
  },
  3 * MINUTES,
);

test('down after it was killed ends what it left behind', async () => {
  await killCloud();
  const { code, lines } = await home.json(['down']);
  expect({ code, lines }).toEqual({ code: 0, lines: [{ ok: true, stopped: false, purged: false }] });
  expect(home.leftovers()).toEqual([]);
});
