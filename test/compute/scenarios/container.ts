import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '../../../local/runtime/create.ts';
import type { ContainerSpec, Runtime } from '../../../local/runtime/runtime.ts';
import { until } from '../../../local/runtime/testing/cloud.ts';
import { createTestImages, type TestImages, textFile } from '../../../local/runtime/testing/images.ts';
import type { Scene } from './scene.ts';

const LOOKS_AROUND = `
import fs from 'node:fs';
const attempt = (work) => { try { work(); return 'done'; } catch (error) { return error.code; } };
console.log(JSON.stringify({
  environment: process.env, arguments: process.argv.slice(2),
  writesRoot: attempt(() => fs.writeFileSync('/app/new.txt', 'x')), writesTmp: attempt(() => fs.writeFileSync('/tmp/new.txt', 'x')),
}));
console.error('to stderr');
process.exit(7);`;
const WAITS = `
process.on('SIGTERM', () => { if (!process.env.STUBBORN) { console.log('bye'); process.exit(0); } });
console.log('waiting');
setInterval(() => undefined, 1000);`;

/** What the local cloud relies on in every mode: one container, from its image to its end. */
export function describeContainers({ mode, ownVariables, outlivesCloud, left }: Scene): void {
  let images: TestImages;
  let looksAround: string;
  let waits: string;
  let home: string;
  let runtime: Runtime;
  beforeAll(async () => {
    images = await createTestImages();
    const folder = { type: 'directory', path: 'app', owner: 1000 } as const;
    const Entrypoint = ['node', 'main.mjs'];
    looksAround = await images.push([[folder, textFile('app/main.mjs', LOOKS_AROUND)]], { Entrypoint });
    waits = await images.push([[folder, textFile('app/main.mjs', WAITS)]], { Entrypoint });
    home = mkdtempSync(join(tmpdir(), 'slipway-container-'));
    runtime = await createRuntime({ home, mode, log: () => undefined });
  }, 60_000);
  afterAll(async () => {
    await runtime?.close?.();
    await images.close();
    rmSync(home, { recursive: true, force: true });
  });
  afterEach(async () => {
    await until('nothing is left', async () => (await left(home)).length === 0);
    expect(readdirSync(join(home, 'containers'))).toEqual([]);
  });

  let count = 0;
  async function run(image: string, change: Partial<ContainerSpec> = {}) {
    const lines: string[] = [];
    const errors: string[] = [];
    count += 1;
    const onOutput = (line: string, stream: string) => void (stream === 'stderr' ? errors : lines).push(line);
    const container = await runtime.start({ id: `test-${count}`, image, environment: {}, onOutput, ...change });
    return { container, lines, errors };
  }

  test('it is the mode that was asked for, and says what it does not isolate', () => {
    expect(runtime.mode).toBe(mode);
    expect(runtime.limitations).toMatch(/share the network of this machine/);
    expect(runtime.limitations).toMatch(/without isolation|not enforced|CPU limits are not/);
  });

  test('a container has its variables and no others, its arguments, two streams and an exit code', async () => {
    const environment = { GREETING: "it's\nhere" };
    const { container, lines, errors } = await run(looksAround, { environment, command: ['--flag'] });
    expect(await container.exited).toEqual({ code: 7, signal: null });
    const seen = JSON.parse(lines[0] ?? '{}');
    expect(seen).toMatchObject({ environment, arguments: ['--flag'], writesTmp: 'done' });
    expect(errors).toEqual(['to stderr']);
    const known = ['GREETING', 'NODE_VERSION', 'PATH', ...ownVariables];
    expect(Object.keys(seen.environment).filter((name) => !known.includes(name))).toEqual([]);
  });

  if (mode !== 'direct') {
    test('a read-only root cannot be written to, /tmp can', async () => {
      const { container, lines } = await run(looksAround, { readonlyRootFilesystem: true });
      await container.exited;
      expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ writesRoot: 'EROFS', writesTmp: 'done' });
    });
  }

  test('stop asks first and then kills', async () => {
    const polite = await run(waits);
    await until('it waits', () => polite.lines.includes('waiting'));
    expect(await polite.container.stop(10_000)).toEqual({ code: 0, signal: null });
    expect(polite.lines).toEqual(['waiting', 'bye']);
    const stubborn = await run(waits, { environment: { STUBBORN: '1' } });
    await until('it waits', () => stubborn.lines.includes('waiting'));
    const exit = await stubborn.container.stop(50);
    expect(exit.signal ?? exit.code).toBe('SIGKILL');
  });

  test('an image that is missing or has no such program says so', async () => {
    const missing = `${images.host}/slipway/none@sha256:${'0'.repeat(64)}`;
    await expect(runtime.prepare(missing)).rejects.toMatchObject({
      name: 'ImageError',
      message: expect.stringMatching(/not found|unknown/),
    });
    await expect(runtime.prepare(`${images.host}/slipway/base-standin:node24`)).rejects.toThrow('not named by digest');
    const explained = run(waits, { entryPoint: ['/nowhere'] }).then(
      async ({ container, errors }) => ((await container.exited).code === 0 ? '' : errors.join('\n')),
      (error: Error) => error.message,
    );
    expect(await explained).toContain('nowhere');
  });

  test('nothing of a local cloud that is killed stays for good', async () => {
    const file = join(import.meta.dirname, '../../../local/runtime/testing/leave-behind.ts');
    const predecessor = spawn(process.execPath, [file, home, waits, mode], {
      env: { ...process.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = new Promise((resolve) => predecessor.once('exit', resolve));
    await Promise.race([new Promise((resolve) => predecessor.stdout.once('data', resolve)), gone]);
    expect((await left(home)).length).toBe(1);
    predecessor.kill('SIGKILL');
    await gone;
    if (!outlivesCloud) await until('the container ends by itself', async () => (await left(home)).length === 0);
    expect(await runtime.reap()).toBe(outlivesCloud ? 1 : 0);
  });
}
