import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '../../local/runtime/create.ts';
import { reapLeftovers } from '../../local/runtime/leftovers.ts';
import { createTestImages, type TestImages, textFile } from '../../local/runtime/testing/images.ts';
import type { Scene } from '../compute/scenarios/scene.ts';

const GREEDY = `
const held = [];
for (let size = 0; size < 40; size += 1) held.push(Buffer.alloc(10 << 20, 1));
console.log('held ' + held.length);`;

/** What only container engines do, beyond the scenarios that run in every mode. */
export function describeEngine({ mode, left }: Scene): void {
  let images: TestImages;
  let home: string;
  beforeAll(async () => {
    images = await createTestImages();
    home = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
  }, 60_000);
  afterAll(async () => {
    await images.close();
    rmSync(home, { recursive: true, force: true });
  });
  const log = (): void => undefined;

  test('a container that uses more memory than declared is killed, and its output says why', async () => {
    const image = await images.push([[textFile('app/main.mjs', GREEDY)]], { Entrypoint: ['node', 'main.mjs'] });
    const runtime = await createRuntime({ home, mode, log });
    const lines: string[] = [];
    const onOutput = (line: string) => void lines.push(line);
    const greedy = { image, environment: {}, onOutput };
    const limited = await runtime.start({ ...greedy, id: 'limited', memory: 128 << 20 });
    expect(await limited.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(lines).toEqual(['the container was killed, probably because it needs more than 128 MiB']);
    const unlimited = await runtime.start({ ...greedy, id: 'unlimited' });
    expect(await unlimited.exited).toEqual({ code: 0, signal: null });
    expect(lines.at(-1)).toBe('held 40');
    await runtime.close?.();
  });

  test('who does not know the mode ends what is left, too', async () => {
    const waits = 'setInterval(() => undefined, 1000)';
    const image = await images.push([[textFile('app/main.mjs', waits)]], { Entrypoint: ['node', 'main.mjs'] });
    const runtime = await createRuntime({ home, mode, log });
    const container = await runtime.start({ id: 'left', image, environment: {}, onOutput: log });
    expect((await left(home)).length).toBe(1);
    expect(await reapLeftovers(home)).toBe(1);
    expect(await left(home)).toEqual([]);
    await container.exited;
    expect(await reapLeftovers(home)).toBe(0);
    await runtime.close?.();
  });
}
