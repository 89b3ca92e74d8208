/**
 * `npm test`: every test that needs nothing but this repository and terraform. `npm run test:peers`: the tests that drive skopeo,
 * docker-registry, the AWS CLI, a Docker engine and Chromium. `npm run test:proofs`: the proofs that take minutes. Further arguments
 * go to jest. The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [first, ...rest] = process.argv.slice(2);
const group = first === 'peers' || first === 'proofs' ? first : undefined;
const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
const report = join(folder, 'report.json');

const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${report}`,
    ...(group ? ['--config', `jest.${group}.config.cjs`, ...rest] : process.argv.slice(2)),
  ],
  { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] },
);

// Ctrl-C reaches jest through the terminal; a signal sent to this process alone is passed on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));

child.on('exit', (code) => {
  const result = read(report);
  rmSync(folder, { recursive: true, force: true });
  console.log(`${result.numPassedTests} passed, ${result.numFailedTests + result.numRuntimeErrorTestSuites} failed`);
  process.exitCode = code === 0 && result.numPassedTests > 0 ? 0 : (code ?? 1) || 1;
});

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that could not even be loaded. */
  readonly numRuntimeErrorTestSuites: number;
}

function read(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
  }
}
