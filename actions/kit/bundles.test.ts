import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ACTIONS = join(import.meta.dirname, '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-action-'));
  for (const file of ['output', 'summary']) writeFileSync(join(folder, file), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a bundle as GitHub's runner does: plain Node, nothing of ours beside it, the workspace as working directory. */
function runBundle(name: string, inputs: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
  const variables = Object.fromEntries(
    Object.entries(inputs).map(([input, value]) => [`INPUT_${input.toUpperCase()}`, value]),
  );
  const env = {
    ...variables,
    GITHUB_WORKSPACE: folder,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ACTIONS, name, 'dist', 'main.mjs')], { cwd: folder, env }, (error, output) =>
      resolve({ code: error === null ? 0 : Number(error.code), output }),
    );
  });
}

test.each([
  ['build', {}, 'input "commit" is missing'],
  ['provision', {}, 'input "stacks" is missing'],
  ['deploy', {}, 'input "environment" is missing'],
  ['deploy', { environment: 'prod' }, 'input "environment" is "prod"; it has to be staging, production or pr-<number>'],
  ['rollback', { environment: '' }, 'input "environment" is missing'],
  ['preview', { command: 'shut' }, 'input "command" is "shut"; it has to be one of open, close'],
  ['sweep', { number: 'one' }, 'input "number" is "one"; it has to be a number from 1 to 999999'],
])('bundle %s with %j fails with one annotation that says what it takes', async (name, inputs, message) => {
  const { code, output } = await runBundle(name, inputs);
  expect(output.split('\n').filter((line) => line.startsWith('::error::'))).toEqual([`::error::${message}`]);
  expect(code).toBe(1);
  expect(readFileSync(join(folder, 'output'), 'utf8')).toBe('');
});
