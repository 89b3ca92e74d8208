import { setTimeout as sleep } from 'node:timers/promises';
import { type Scene, startScene } from './kit/scene.ts';

/** Small steps, so that there are many moments to be killed at. */
const SETTINGS = { BUCKET_BATCHES: 'files', SAVE_MILLISECONDS: '10', ROWS_PER_RUN: '8', SLIPWAY_TIMEOUT: '600' };
const FILES = 6;
const KILLS = 8;

describe('a batch that is killed', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await startScene(SETTINGS);
  });
  afterAll(() => scene.stop());

  test('goes on where it was: every row is in the result of its file, once', async () => {
    const rowsOf = (file: number): number => 300 + file * 500;
    for (let file = 0; file < FILES; file++) {
      // The last one is so large that a thread reads it.
      const space = file === FILES - 1 ? ' '.repeat(2_000) : '';
      const lines = Array.from(
        { length: rowsOf(file) },
        (_, row) => `${row},${space}${file},${row % 50 === 7 ? 'x' : 1}`,
      );
      await scene.put('files', `acme/sum/${file}.csv`, `${lines.join('\n')}\n`);
    }
    await scene.put('files', 'acme/sum/bad.f32', 'abc');
    await scene.put('files', 'bolt/sum/other.csv', '1,2,3\n');

    let kills = 0;
    for (; kills < KILLS; kills++) {
      const run = scene.start('batch/main.ts', { TENANT: 'acme', MODEL: 'sum' });
      const ended = run.heard('batch ended').then(
        () => true,
        () => false,
      );
      if (await Promise.race([ended, sleep(700 + ((kills * 5) % 7) * 200).then(() => false)])) break;
      await run.kill();
    }
    const last = await scene.start('batch/main.ts', { TENANT: 'acme' }).heard('batch ended');
    expect(last).toMatchObject({ left: kills < KILLS ? 1 : expect.any(Number), tenant: 'acme' });

    const violations: string[] = [];
    let total = 0;
    for (let file = 0; file < FILES; file++) {
      const text = await scene.read('files', `acme/sum/${file}.csv.out`);
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { row: number; outputs?: { y: number }; error?: string });
      if (lines.length !== rowsOf(file)) violations.push(`${file}: ${lines.length} of ${rowsOf(file)} rows`);
      for (const [at, { row, outputs, error }] of lines.entries()) {
        const right = at % 50 === 7 ? error !== undefined : outputs?.y === 2 * (at + file + 1);
        if (row !== at || !right) violations.push(`${file}: line ${at} is row ${row}, ${outputs?.y ?? error}`);
      }
      total += lines.length;
    }
    const keys = await scene.keys('files');
    expect(keys.filter((key) => key.endsWith('.progress'))).toEqual([]);
    expect(await scene.read('files', 'acme/sum/bad.f32.error')).toContain('the file has 3 bytes, a row has 12');
    expect(keys).not.toContain('bolt/sum/other.csv.out');
    console.log(`${kills} kills, ${FILES} files, ${total} rows in results, ${violations.length} violations`);
    expect(violations).toEqual([]);
  }, 120_000);

  test('a run whose time is over ends by itself, and leaves the rest to the next one', async () => {
    await scene.put('files', 'late/sum/long.csv', '1,2,3\n'.repeat(150_000));
    const run = scene.start('batch/main.ts', { TENANT: 'late', SLIPWAY_TIMEOUT: '2' });
    expect(await run.heard('batch ended')).toMatchObject({ files: 0, left: 1 });
    expect(await scene.keys('files')).toContain('late/sum/long.csv.out.progress');
  }, 60_000);
});
