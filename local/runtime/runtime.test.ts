import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeChroot } from './chroot.ts';
import { createRuntime } from './create.ts';
import { identify, isRunning } from './process-identity.ts';
import type { ContainerSpec, Runtime } from './runtime.ts';
import { until } from './testing/cloud.ts';
import { createTestImages, type TestImages, textFile } from './testing/images.ts';

const PROGRAM = `
import fs from 'node:fs';
const attempt = (work) => { try { return work() ?? 'done'; } catch (error) { return error.code; } };
console.log(JSON.stringify({
  environment: process.env, pid: process.pid, user: process.getuid(), cwd: process.cwd(), arguments: process.argv.slice(2),
  app: fs.readFileSync('/app/data.txt', 'utf8'), root: fs.readdirSync('/').sort(),
  writesRoot: attempt(() => fs.writeFileSync('/app/new.txt', 'x')), writesTmp: attempt(() => fs.writeFileSync('/tmp/new.txt', 'x')),
  processes: fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length,
}));
process.exit(7);`;
const WAITS = `
if (process.env.STUBBORN) process.on('SIGTERM', () => undefined);
else process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
console.log('waiting');
setInterval(() => undefined, 1000);`;

const scratch = mkdtempSync(join(tmpdir(), 'slipway-probe-'));
const abilities = await probeChroot(scratch);
rmSync(scratch, { recursive: true });
const chrootWorks = !('reason' in abilities);
const mode = chrootWorks ? 'chroot' : 'direct';
const user = chrootWorks && abilities.userNamespace ? 0 : 1000;

let images: TestImages;
let program: string;
let waits: string;
let home: string;
let runtime: Runtime;

beforeAll(async () => {
  images = await createTestImages();
  const folder = { type: 'directory', path: 'app', owner: 1000 } as const;
  program = await images.push([[folder, textFile('app/main.mjs', PROGRAM), textFile('app/data.txt', 'data')]], {
    Entrypoint: ['/usr/local/bin/node', 'main.mjs'],
  });
  waits = await images.push([[folder, textFile('app/main.mjs', WAITS)]], { Entrypoint: ['node', 'main.mjs'] });
  home = mkdtempSync(join(tmpdir(), 'slipway-home-'));
  runtime = await createRuntime({ home, mode, log: () => undefined });
}, 60_000);
afterAll(async () => {
  await runtime.close?.();
  await images.close();
  rmSync(home, { recursive: true, force: true });
});

let count = 0;
async function run(image: string, change: Partial<ContainerSpec> = {}, by: Runtime = runtime) {
  const lines: string[] = [];
  count += 1;
  const container = await by.start({
    id: `test-${count}`,
    image,
    environment: {},
    onOutput: (line) => lines.push(line),
    ...change,
  });
  return { container, lines };
}
const boxes = (): readonly string[] => readdirSync(join(home, 'containers'));

test('a mode that does not exist or does not work here is refused with the reason', async () => {
  const log = (): void => undefined;
  await expect(createRuntime({ home, mode: 'lxc' as 'docker', log })).rejects.toThrow(
    "there is no runtime 'lxc': SLIPWAY_RUNTIME is one of docker, podman, chroot, direct",
  );
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = `unix://${join(home, 'no.sock')}`;
  await expect(createRuntime({ home, mode: 'docker', log })).rejects.toThrow(
    /SLIPWAY_RUNTIME=docker .*no Docker engine/,
  );
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});

(chrootWorks ? describe : describe.skip)('chroot', () => {
  test('a container sees its image, its variables and nothing else', async () => {
    const { container, lines } = await run(program, { environment: { GREETING: "it's" }, command: ['--flag'] });
    expect(await container.exited).toEqual({ code: 7, signal: null });
    const seen = JSON.parse(lines[0] ?? '{}');
    expect(Object.keys(seen.environment).sort()).toEqual(['GREETING', 'NODE_VERSION', 'PATH']);
    expect(seen).toMatchObject({ pid: 1, user, cwd: '/app', arguments: ['--flag'], app: 'data', processes: 1 });
    expect(seen).toMatchObject({ writesRoot: 'done', writesTmp: 'done' });
    expect(seen.root).not.toContain('work');
    expect(boxes()).toEqual([]);
  });

  test('what one container writes, no other sees; a read-only root cannot be written', async () => {
    const { container, lines } = await run(program, { readonlyRootFilesystem: true });
    await container.exited;
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ writesRoot: 'EROFS', writesTmp: 'done' });
    const roots = readdirSync(join(home, 'images/rootfs'));
    expect(roots.some((root) => existsSync(join(home, 'images/rootfs', root, 'app/new.txt')))).toBe(false);
  });

  test('stop asks first and then kills; no mount and no folder is left', async () => {
    const polite = await run(waits);
    await until('it waits', () => polite.lines.includes('waiting'));
    expect(await polite.container.stop(10_000)).toEqual({ code: 0, signal: null });
    expect(polite.lines).toEqual(['waiting', 'bye']);
    const stubborn = await run(waits, { environment: { STUBBORN: '1' } });
    await until('it waits', () => stubborn.lines.includes('waiting'));
    const exit = await stubborn.container.stop(50);
    expect(exit.signal ?? exit.code).toBe('SIGKILL');
    expect(boxes()).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(home);
  });

  test('images share what they have in common', async () => {
    await runtime.prepare(program);
    await runtime.prepare(waits);
    const roots = readdirSync(join(home, 'images/rootfs'));
    expect(roots.filter((name) => name.includes('partial'))).toEqual([]);
    const records = readdirSync(join(home, 'images')).filter((name) => name.endsWith('.json'));
    expect(records.length).toBe(2);
    // Two layers of the base, one of each image.
    expect(roots.length).toBe(4);
  });
});

describe('leftovers', () => {
  test('a killed predecessor’s containers are ended, a process that merely has a recorded pid is not', async () => {
    const file = join(import.meta.dirname, 'testing/leave-behind.ts');
    const predecessor = spawn(process.execPath, [file, home, waits, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { pid, children } = await new Promise<{ pid: number; children: number[] }>((resolve) =>
      predecessor.stdout.once('data', (data) => resolve(JSON.parse(String(data)))),
    );
    // Its guardian dies with it, as when the whole machine is short of memory.
    for (const child of children) process.kill(child, 'SIGKILL');
    predecessor.kill('SIGKILL');
    await new Promise((resolve) => predecessor.once('exit', resolve));
    const left = identify(pid);
    if (!left) throw new Error('the container should have survived');
    const bystander = spawn('sleep', ['60'], { detached: true });
    const recycled = { ...left, pid: bystander.pid ?? 0 };
    const record = join(home, 'containers/left-behind/process.json');
    expect(JSON.parse(readFileSync(record, 'utf8'))).toEqual(left);
    const { createBox } = await import('./box.ts');
    createBox(home, 'recycled');
    writeFileSync(join(home, 'containers/recycled/process.json'), JSON.stringify(recycled));
    expect(await runtime.reap()).toBe(1);
    expect(isRunning(left)).toBe(false);
    expect(identify(bystander.pid ?? 0)).toBeDefined();
    expect(boxes()).toEqual([]);
    bystander.kill('SIGKILL');
  });
});

test('an unknown user is refused', async () => {
  await expect(run(waits, { user: 'nobody-knows' })).rejects.toThrow("no user 'nobody-knows'");
  expect(boxes()).toEqual([]);
});
