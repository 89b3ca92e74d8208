import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitFiles } from './commit.ts';
import { changedFiles, changedPaths } from './history.ts';
import { mergeCommit } from './merge.ts';
import { seedRepository } from './seed.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-repository-'));
const repository = join(root, 'bare.git');
const from = join(root, 'work');
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@b', ...args], {
    encoding: 'utf8',
  }).trim();
const filesAt = (commit: string): string[] => git(repository, 'ls-tree', '-r', '--name-only', commit).split('\n');

beforeAll(() => {
  mkdirSync(join(from, 'dist'), { recursive: true });
  git(root, 'init', '-q', '--bare', '-b', 'main', repository);
  git(from, 'init', '-q', '-b', 'trunk');
  writeFileSync(join(from, '.gitignore'), 'ignored\ndist\n');
  writeFileSync(join(from, 'dist', 'kept.js'), 'built');
  writeFileSync(join(from, 'run.sh'), '#!/bin/sh\n');
  writeFileSync(join(from, 'gone'), '');
  chmodSync(join(from, 'run.sh'), 0o755);
  symlinkSync('run.sh', join(from, 'link'));
  git(from, 'add', '-A');
  git(from, 'add', '-f', 'dist/kept.js');
  git(from, 'commit', '-qm', 'first');
  rmSync(join(from, 'gone'));
  writeFileSync(join(from, 'new ü.txt'), 'not committed');
  writeFileSync(join(from, 'ignored'), 'secret');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('seeding takes the working tree as it is, and leaves it alone', async () => {
  const index = join(from, '.git', 'index');
  const [head, status] = [git(from, 'rev-parse', 'HEAD'), git(from, 'status', '--porcelain')];
  const { mtimeMs } = statSync(index);
  const commit = await seedRepository({ repository, from, message: 'Seed' });
  const listed = execFileSync('git', ['-C', repository, 'ls-tree', '-rz', commit], { encoding: 'utf8' });
  expect(listed.split('\0').map((line) => line.replace(/ blob \w+\t/, ' '))).toEqual([
    '100644 .gitignore',
    '100644 dist/kept.js',
    '120000 link',
    '100644 new ü.txt',
    '100755 run.sh',
    '',
  ]);
  expect(statSync(index).mtimeMs).toBe(mtimeMs);
  expect([git(from, 'rev-parse', 'HEAD'), git(from, 'status', '--porcelain')]).toEqual([head, status]);
  expect(await seedRepository({ repository, from, message: 'Again' })).toBe(commit);
  writeFileSync(join(from, 'run.sh'), '#!/bin/sh\ntrue\n');
  const next = await seedRepository({ repository, from, message: 'Changed' });
  expect(git(repository, 'rev-parse', `${next}^`)).toBe(commit);
});

test('a plain folder is seeded too, without what its .gitignore names', async () => {
  const plain = join(root, 'plain');
  mkdirSync(join(plain, 'node_modules'), { recursive: true });
  writeFileSync(join(plain, 'node_modules', 'x'), '');
  writeFileSync(join(plain, '.gitignore'), 'node_modules/\n');
  const bare = join(root, 'other.git');
  git(root, 'init', '-q', '--bare', '-b', 'main', bare);
  const commit = await seedRepository({ repository: bare, from: plain, message: 'Seed' });
  expect(git(bare, 'ls-tree', '-r', '--name-only', commit)).toBe('.gitignore');
});

test('commits without a checkout: new, changed, deleted; modes stay; odd names and messages', async () => {
  const message = 'it\'s\n\n"quoted" ünï';
  const files = { 'run.sh': 'changed\n', 'a "b"/c\\d.txt': 'ü\n', '.gitignore': null };
  const commit = await commitFiles(repository, { branch: 'feature/x', files, message });
  expect(git(repository, 'rev-parse', 'feature/x')).toBe(commit);
  expect(git(repository, 'show', '-s', '--format=%B', commit)).toBe(message);
  expect(git(repository, 'ls-tree', commit, 'run.sh')).toMatch(/^100755/);
  expect(await changedPaths(repository, 'main', commit)).toEqual(['.gitignore', 'a "b"/c\\d.txt', 'run.sh']);
  const second = await commitFiles(repository, { branch: 'feature/x', files: { more: '1' }, message: 'More' });
  expect(git(repository, 'rev-parse', `${second}^`)).toBe(commit);
  const reset = await commitFiles(repository, {
    branch: 'feature/x',
    from: 'main',
    files: { only: '1' },
    message: 'Reset',
  });
  expect(filesAt(reset)).toContain('.gitignore');
});

test.each(['../up', '/etc/passwd', 'a//b', 'a\nb', ''])('the path %j is refused', async (path) => {
  const request = { branch: 'bad', files: { [path]: 'x' }, message: 'Bad' };
  await expect(commitFiles(repository, request)).rejects.toThrow('is not a path within the repository');
});

test.each(['', '-x', 'a..b', 'a b', 'a.lock', 'a/', 'refs/heads/a', 'a~1'])(
  'the branch %j is refused',
  async (branch) => {
    await expect(commitFiles(repository, { branch, files: {}, message: 'Bad' })).rejects.toThrow('not a valid branch');
  },
);

test('renames, binary files and merges', async () => {
  const long = 'line\n'.repeat(40);
  const base = await commitFiles(repository, { branch: 'r', from: 'main', files: { old: long }, message: 'Old' });
  const head = await commitFiles(repository, {
    branch: 'r',
    files: { old: null, new: `${long}more\n`, bin: 'a\0b' },
    message: 'New',
  });
  const files = await changedFiles(repository, base, head);
  expect(files).toMatchObject([
    { path: 'bin', status: 'added', additions: 0 },
    {
      path: 'new',
      previousPath: 'old',
      status: 'renamed',
      additions: 1,
      deletions: 0,
      patch: expect.stringContaining('+more'),
    },
  ]);
  expect(files[0]?.patch).toBeUndefined();
  const merge = await mergeCommit(repository, { base: 'main', head, message: 'Merge' });
  expect(merge.ok && filesAt(merge.commit)).toContain('new');
});
