import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../registry/digest.ts';
import { type Entry, folderEntries } from './entries.ts';
import { readTar, TarError, writeTar } from './tar.ts';
import { encodeHeader, FLAG, padding } from './tar-header.ts';

const LONG = `${'deep folder/'.repeat(30)}файл with spaces.txt`;
const SAMPLE: readonly Entry[] = [
  { type: 'file', path: 'app/main.mjs', content: Buffer.from('console.log(1)') },
  { type: 'file', path: `app/${LONG}`, mode: 0o755, content: Buffer.from('long') },
  { type: 'link', path: 'app/link', target: `../${LONG}` },
  { type: 'directory', path: 'tmp', mode: 0o1777 },
  { type: 'file', path: 'app/empty', content: Buffer.alloc(0), owner: 1000 },
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-tar-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function pack(entries: readonly Entry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTar(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function list(archive: Uint8Array, chunkBytes = archive.byteLength) {
  async function* chunks() {
    for (let at = 0; at < archive.byteLength; at += chunkBytes) yield archive.subarray(at, at + chunkBytes);
  }
  const found: Record<string, unknown>[] = [];
  for await (const { path, type, mode, owner, target, content } of readTar(chunks())) {
    const parts: Buffer[] = [];
    for await (const part of content()) parts.push(part);
    found.push({ path, type, mode, owner, target, text: Buffer.concat(parts).toString() });
  }
  return found;
}

const header = (name: string, more: Partial<Parameters<typeof encodeHeader>[0]> = {}): Buffer =>
  encodeHeader({ name, mode: 0o644, owner: 0, group: 0, size: 0, modified: 0, flag: FLAG.file, link: '', ...more });
const archiveOf = (...blocks: Buffer[]): Buffer => Buffer.concat([...blocks, Buffer.alloc(1024)]);

test('what is written is read again, whatever the size of the chunks', async () => {
  const archive = await pack(SAMPLE);
  const whole = await list(archive);
  expect(whole).toEqual(await list(archive, 7));
  expect(whole).toContainEqual({
    path: 'app/main.mjs',
    type: 'file',
    mode: 0o644,
    owner: 0,
    target: '',
    text: 'console.log(1)',
  });
  expect(whole).toContainEqual({ path: `app/${LONG}`, type: 'file', mode: 0o755, owner: 0, target: '', text: 'long' });
  expect(whole).toContainEqual(
    expect.objectContaining({ path: 'app/link', type: 'symbolic-link', target: `../${LONG}` }),
  );
  expect(whole).toContainEqual(expect.objectContaining({ path: 'tmp', type: 'directory', mode: 0o1777 }));
  expect(whole).toContainEqual(expect.objectContaining({ path: 'app/empty', owner: 1000 }));
});

test('order of the entries makes no difference, and parents come before what is in them', async () => {
  const archive = await pack(SAMPLE);
  expect(archive.equals(await pack([...SAMPLE].reverse()))).toBe(true);
  const paths = (await list(archive)).map(({ path }) => String(path));
  for (const path of paths) {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (parent !== '') expect(paths.indexOf(parent)).toBeLessThan(paths.indexOf(path));
  }
});

test('times, umask and links of the folder make no difference; GNU tar reads the result', async () => {
  const files = join(folder, 'files');
  mkdirSync(join(files, 'sub'), { recursive: true });
  writeFileSync(join(files, 'sub', 'ünï codé'), 'a', { mode: 0o600 });
  symlinkSync('sub', join(files, 'alias'));
  const first = await pack(folderEntries(files, 'app'));
  utimesSync(join(files, 'sub', 'ünï codé'), 1, 1);
  expect(first.equals(await pack(folderEntries(files, 'app')))).toBe(true);
  writeFileSync(join(folder, 'x.tar'), first);
  const listed = execFileSync('tar', ['--quoting-style=literal', '-tvf', join(folder, 'x.tar')], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  });
  expect(listed).toMatch(/^-rw-r--r-- 0\/0 +1 1970-01-01 00:00 app\/sub\/ünï codé$/m);
  expect(listed).toMatch(/^lrwxrwxrwx 0\/0 +0 1970-01-01 00:00 app\/alias -> sub$/m);
});

test('archives of GNU tar are read, long names and hard links included', async () => {
  mkdirSync(join(folder, 'in', 'd'.repeat(90), 'e'.repeat(90)), { recursive: true });
  const name = `${'d'.repeat(90)}/${'e'.repeat(90)}/f`;
  writeFileSync(join(folder, 'in', name), 'content');
  linkSync(join(folder, 'in', name), join(folder, 'in', 'zz'));
  const file = join(folder, 'gnu.tar');
  const gnuTar = (...options: string[]): Buffer => {
    execFileSync('tar', [...options, '--sort=name', '-cf', file, '-C', join(folder, 'in'), '.']);
    return readFileSync(file);
  };
  const long = { path: name, text: 'content' };
  for (const format of ['gnu', 'posix']) {
    const found = await list(gnuTar(`--format=${format}`));
    expect(found).toContainEqual(expect.objectContaining(long));
    expect(found).toContainEqual(expect.objectContaining({ path: 'zz', type: 'hard-link', target: name }));
  }
  expect(await list(gnuTar('--format=ustar', '--exclude=./zz'))).toContainEqual(expect.objectContaining(long));
});

test('a file that grows or shrinks while it is packed stops the build', async () => {
  const file = join(folder, 'changing');
  writeFileSync(file, 'longer than said');
  const said = { type: 'file', path: 'x', content: { file, size: 3 } } as const;
  await expect(pack([said])).rejects.toThrow('x changed while it was packed');
  await expect(pack([{ ...said, content: { file, size: 300 } }])).rejects.toThrow('x changed while it was packed');
  const digest = sha256('of the same length, but other');
  const other = { ...said, content: { file, size: 'longer than said'.length, digest } };
  await expect(pack([other])).rejects.toThrow('x changed while it was packed');
});

test.each([
  ['a path that climbs out', archiveOf(header('../evil')), 'leads outside'],
  ['a path that climbs out in between', archiveOf(header('a/../../evil')), 'leads outside'],
  [
    'a hard link that climbs out',
    archiveOf(header('x', { flag: FLAG.hardLink, link: '../../etc/passwd' })),
    'leads outside',
  ],
  ['an end in the middle of a file', header('x', { size: 2000 }), 'ends in the middle'],
  ['no end mark', header('x'), 'no end mark'],
  ['a damaged header', archiveOf(Buffer.from(header('x').fill(65, 0, 3))), 'wrong checksum'],
  ['a sparse file', archiveOf(header('x', { flag: 'S' })), 'not supported'],
  ['a giant extended header', archiveOf(header('x', { flag: FLAG.extended, size: 2 ** 32 })), 'larger than 1 MiB'],
  [
    'an extended header whose lengths lie',
    archiveOf(header('x', { flag: FLAG.extended, size: 12 }), Buffer.from('99 path=ab\n\n'), padding(12), header('y')),
    'malformed',
  ],
])('refuses %s', async (_name, archive, message) => {
  const reading = list(archive);
  await expect(reading).rejects.toThrow(TarError);
  await expect(reading).rejects.toThrow(message);
});

test('absolute paths become relative ones', async () => {
  expect((await list(archiveOf(header('/etc/passwd'), header('./x//y')))).map(({ path }) => path)).toEqual([
    'etc/passwd',
    'x/y',
  ]);
});
