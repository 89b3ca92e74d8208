import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compareWithCommit } from './committed.ts';

let root: string;
let commit: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', root, '-c', 'user.name=n', '-c', 'user.email=e', ...args], { encoding: 'utf8' }).trim();
function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function stageChange(): void {
  write('services/web/main.ts', 'changed');
  git('add', '.');
}
function writeMany(): void {
  for (const name of [1, 2, 3, 4, 5, 6, 7]) write(`services/web/${name}.ts`, 'x');
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-committed-'));
  git('init', '--quiet');
  write('services/web/main.ts', 'main');
  write('services/web/é.ts', 'other');
  write('.gitignore', 'model.onnx\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
  commit = git('rev-parse', 'HEAD');
});
afterEach(() => rmSync(root, { recursive: true }));

test('a fresh checkout is what was committed; what is ignored, or no source, may be there', async () => {
  expect(await compareWithCommit(root, commit)).toEqual({ state: 'same' });
  write('services/web/model.onnx', 'trained');
  write('synthesized/stack.json', '{}');
  expect(await compareWithCommit(root, commit)).toEqual({ state: 'same' });
});

test.each<[string, () => void, string]>([
  ['a change', () => write('services/web/main.ts', 'changed'), 'services/web/main.ts is'],
  ['a change that was staged', stageChange, 'services/web/main.ts is'],
  ['a new file', () => write('services/web/new.ts', 'new'), 'services/web/new.ts is'],
  ['a file that is gone', () => rmSync(join(root, 'services/web/é.ts')), 'services/web/é.ts is'],
  [
    'a file that was renamed',
    () => renameSync(join(root, 'services/web/é.ts'), join(root, 'services/web/e.ts')),
    'services/web/é.ts, services/web/e.ts are',
  ],
  ['many', writeMany, '5.ts and 2 more are'],
])('%s is told by name', async (_what, change, problem) => {
  change();
  expect(await compareWithCommit(root, commit)).toEqual({
    state: 'different',
    problem: expect.stringContaining(`${problem} not as in commit ${commit}`),
  });
});

test('the checkout of another commit is told', async () => {
  const other = 'f'.repeat(40);
  expect(await compareWithCommit(root, other)).toMatchObject({ problem: expect.stringContaining(`not of ${other}`) });
});

test('where there is no repository nobody can tell', async () => {
  rmSync(join(root, '.git'), { recursive: true });
  expect(await compareWithCommit(root, commit)).toMatchObject({ state: 'unknown', reason: expect.any(String) });
});
