import { existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TarEntry } from '../../pipeline/image/layer/tar.ts';
import { applyLayer } from './unpack.ts';

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-unpack-'));
  root = join(folder, 'root');
  mkdirSync(root);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const common = { owner: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0, size: 0, target: '' };
const none = async function* (): AsyncGenerator<Buffer> {};
const file = (path: string, text: string, mode = 0o644): TarEntry => ({
  ...common,
  path,
  type: 'file',
  mode,
  size: text.length,
  async *content() {
    yield Buffer.from(text);
  },
});
const directory = (path: string, mode = 0o755): TarEntry => ({
  ...common,
  path,
  type: 'directory',
  mode,
  content: none,
});
const link = (path: string, target: string, type: 'symbolic-link' | 'hard-link' = 'symbolic-link'): TarEntry => ({
  ...common,
  path,
  type,
  mode: 0o777,
  target,
  content: none,
});

async function apply(...entries: readonly TarEntry[]): Promise<void> {
  await applyLayer(
    root,
    (async function* () {
      yield* entries;
    })(),
  );
}
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('files, folders and links appear as the layer has them', async () => {
  await apply(
    directory('bin', 0o750),
    file('bin/tool', 'x', 0o755),
    link('tool', '/bin/tool'),
    link('copy', 'bin/tool', 'hard-link'),
  );
  expect(lstatSync(join(root, 'bin')).mode & 0o777).toBe(0o750);
  expect(lstatSync(join(root, 'bin/tool')).mode & 0o777).toBe(0o755);
  expect(lstatSync(join(root, 'copy')).nlink).toBe(2);
});

test('whiteouts remove what was below, an opaque folder keeps only its own layer', async () => {
  await apply(file('a/one', '1'), file('a/two', '2'), file('b/old', 'o'), file('b/sub/old', 'o'));
  await apply(file('b/new', 'n'), file('b/.wh..wh..opq', ''), file('a/.wh.one', ''));
  expect(existsSync(join(root, 'a/one'))).toBe(false);
  expect(read('a/two')).toBe('2');
  expect(existsSync(join(root, 'b/old'))).toBe(false);
  expect(existsSync(join(root, 'b/sub'))).toBe(false);
  expect(read('b/new')).toBe('n');
});

test('a file that is replaced leaves its hard link elsewhere as it was', async () => {
  await apply(file('config', 'old'));
  linkSync(join(root, 'config'), join(folder, 'other'));
  await apply(file('config', 'new'));
  expect(read('config')).toBe('new');
  expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('old');
});

test('nothing is written through a link that leads outside', async () => {
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), 'kept');
  await apply(link('absolute', outside), link('relative', '../outside'));
  await apply(file('absolute/evil', 'x'), file('relative/evil', 'x'), file('relative/.wh.kept', ''));
  expect(existsSync(join(outside, 'evil'))).toBe(false);
  expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('kept');
});

test('a folder may replace a file and a file a folder', async () => {
  await apply(file('a', 'file'), file('b/inner', 'x'));
  await apply(directory('a'), file('b', 'file'));
  expect(lstatSync(join(root, 'a')).isDirectory()).toBe(true);
  expect(read('b')).toBe('file');
});
