import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryObjects } from '../../services/kit/test-support.ts';
import { runCommand } from './commands.ts';

const samples = join(import.meta.dirname, '../../services/inference/models');
const folder = mkdtempSync(join(tmpdir(), 'slipway-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bucket = { objects: memoryObjects(), prefix: '' };
const run = (...positionals: string[]) =>
  runCommand(positionals, { bucket, change: { by: 'ann', reason: '', now: 0 }, promote: false });
const texts = async (...positionals: string[]) => {
  const outcome = await run(...positionals);
  return outcome.ok ? outcome.value.map(({ text }) => text) : outcome.error;
};

/** The sample model as a tenant's, in another version and changed. */
function write(version: string, change: (json: string) => string = (json) => json, onnx?: Buffer): string {
  const json = readFileSync(join(samples, 'fuel-economy/1/model.json'), 'utf8').replace(
    '"version": "1"',
    `"version": "${version}", "tenant": "acme"`,
  );
  writeFileSync(join(folder, 'model.json'), change(json));
  writeFileSync(join(folder, 'model.onnx'), onnx ?? readFileSync(join(samples, 'fuel-economy/1/model.onnx')));
  return folder;
}

test('publish, promote, roll back, list', async () => {
  expect(await texts('publish', write('1'))).toEqual(['acme/fuel-economy 1 published']);
  expect(await texts('publish', write('2'))).toEqual(['acme/fuel-economy 2 published']);
  expect(await texts('promote', 'acme/fuel-economy', '2')).toEqual(['acme/fuel-economy 2 serves (before: 1)']);
  expect(await texts('rollback', 'acme/fuel-economy')).toEqual(['acme/fuel-economy 1 serves']);
  expect(await texts('list', 'acme/fuel-economy')).toEqual([expect.stringMatching(/serves 1 +versions 2, 1/)]);
});

test('what does not answer its golden requests, or does not load, is not published', async () => {
  const wrong = (json: string) => json.replaceAll('35.3043', '99');
  expect(await texts('publish', write('3', wrong))).toMatch(
    /golden request "Light car": miles_per_gallon at 0 is 35\.\d+, expected 99/,
  );
  expect(await texts('publish', write('3', undefined, Buffer.from('no graph')))).toMatch(/^fuel-economy 3: /);
  expect(await texts('list', 'acme/fuel-economy')).toEqual([expect.stringMatching(/versions 2, 1$/)]);
});

test.each([
  [['promote', '../x', '1'], /no name of a model/],
  [['promote', 'acme/none', '1'], /there is no model acme\/none/],
  [['promote', 'acme/fuel-economy', '9'], /has no version 9, only 2, 1/],
  [['publish', '/nowhere'], /ENOENT/],
  [['fly'], /is no command/],
])('%j says what is wrong', async (positionals, reason) => {
  expect(await texts(...positionals)).toMatch(reason);
});
