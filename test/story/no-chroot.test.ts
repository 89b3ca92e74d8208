import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { call, until } from '../support/control.ts';
import { send } from '../support/front-door.ts';
import { createHome } from '../support/home.ts';
import { linkProgramsExcept, programPath } from '../support/programs.ts';

const home = createHome();
const bin = mkdtempSync(join(tmpdir(), 'slipway-programs-'));
linkProgramsExcept(bin, ['podman', 'docker']);

const MINUTES = 60_000;

afterAll(async () => {
  await home.remove();
  rmSync(bin, { recursive: true });
}, MINUTES);

/** User 0 (of this machine, or of a user namespace) that may neither mount nor chroot; and no container engine in sight. */
const asRoot = process.getuid?.() === 0 ? [] : [programPath('unshare'), '--user', '--map-root-user'];
const prefix = [...asRoot, programPath('setpriv'), '--bounding-set=-sys_admin,-sys_chroot', '--inh-caps=-all'];
const environment = {
  PATH: `${dirname(process.execPath)}:${bin}`,
  DOCKER_HOST: 'unix:///nowhere/docker.sock',
  SLIPWAY_RUNTIME: '',
};

test(
  'without the right to chroot services run as plain processes, status says so and why, and they answer',
  async () => {
    const up = home.start(['up'], { prefix, environment });
    let ended = '';
    void up.done.then(({ stdout, stderr }) => {
      ended = stdout + stderr;
    });
    await until(
      async () => ended !== '' || (await send(home, { environment: 'staging', path: '/health' })).status === 200,
    );
    expect(ended).toBe('');
    const { runtime } = await call<{ runtime: object }>(home, 'status');
    expect(runtime).toEqual({
      mode: 'direct',
      limitations: expect.stringMatching(/without isolation \(.*not permitted/),
    });
    const { stdout } = await home.run(['status']);
    expect(stdout).toMatch(/mode direct: .*without isolation/);

    process.kill(-(up.child.pid ?? 0), 'SIGINT');
    expect(await up.done).toMatchObject({ code: 130 });
    expect(home.leftovers()).toEqual([]);
  },
  3 * MINUTES,
);

test('chroot that was asked for and does not work is refused, with the way out', async () => {
  const { code, lines } = await home.json(['up'], {
    prefix,
    environment: { ...environment, SLIPWAY_RUNTIME: 'chroot' },
  });
  const error = expect.stringMatching(/SLIPWAY_RUNTIME=chroot does not work here: .*not permitted/);
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error }] });
});

test('a mode that does not exist is refused', async () => {
  const { code, lines } = await home.json(['up'], { environment: { SLIPWAY_RUNTIME: 'magic' } });
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error: expect.stringContaining('magic') }] });
});
