/**
 * `npm test`: every test that needs nothing but this repository and terraform. `npm run test:peers` (argument `peers`): the tests
 * that drive skopeo, docker-registry, the AWS CLI, a Docker engine and Chromium. Further arguments go to jest.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [first, ...rest] = process.argv.slice(2);
const peers = first === 'peers';
const selection = peers
  ? ['--testPathPatterns', 'test/peers/']
  : ['--testPathIgnorePatterns', '/node_modules/', '/dist/', 'test/peers/'];
const passed = peers ? rest : process.argv.slice(2);

const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    ...selection,
    ...passed,
  ],
  { cwd: root, stdio: 'inherit' },
);
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
