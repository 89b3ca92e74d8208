/**
 * `npm run check`: what a developer runs before every commit, because it takes seconds. Format and lint, types, import rules, workflow rules,
 * bundled actions up to date, and the unit tests of what changed. `--fix` lets the formatter write, `--all` runs no tests (CI has its own step).
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const root = join(import.meta.dirname, '..');
const fix = process.argv.includes('--fix');
const all = process.argv.includes('--all');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);
const node = [process.execPath, '--disable-warning=ExperimentalWarning'];

const checks: readonly Check[] = [
  { name: 'format and lint', command: [bin('biome'), 'check', ...(fix ? ['--write'] : []), '--error-on-warnings'] },
  { name: 'types', command: [bin('tsc'), '-p', '.'] },
  { name: 'import rules', command: [...node, 'tools/check-imports.ts'] },
  { name: 'workflows', command: [...node, 'tools/check-workflows.ts'] },
  { name: 'bundled actions', command: [...node, 'tools/bundle-actions.ts', '--check'] },
  ...(all
    ? []
    : [
        {
          name: 'tests of what changed',
          command: [
            ...node,
            '--experimental-vm-modules',
            'node_modules/jest/bin/jest.js',
            '--onlyChanged',
            '--passWithNoTests',
          ],
        },
      ]),
];

interface Outcome {
  readonly check: Check;
  readonly passed: boolean;
  readonly output: string;
  readonly milliseconds: number;
}

function run(check: Check): Promise<Outcome> {
  const started = performance.now();
  const [command = '', ...args] = check.command;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) =>
      resolve({ check, passed: code === 0, output, milliseconds: performance.now() - started }),
    );
  });
}

const outcomes = await Promise.all(checks.map(run));
for (const { check, passed, output, milliseconds } of outcomes) {
  if (!passed) console.log(`${output.trimEnd()}\n`);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${check.name} (${(milliseconds / 1000).toFixed(1)} s)`);
}
const failed = outcomes.filter(({ passed }) => !passed).length;
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
