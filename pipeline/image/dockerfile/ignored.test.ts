import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIgnored } from './ignored.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-ignored-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each<[string, readonly string[], readonly string[]]>([
  ['', [], ['.env', 'a/b']],
  ['.env*\n', ['.env', '.env.local'], ['a/.env', 'env']],
  ['**/.env\n', ['.env', 'a/.env', 'a/b/.env'], ['a/.env.local']],
  ['# .env\n\n/secrets/\n', ['secrets/key.pem', 'secrets/a/b'], ['.env', 'a/secrets/x']],
  ['*\n!main.py\n!data\n', ['.env', 'a/b'], ['main.py', 'data/one/two']],
  ['**/*.pem\n!public.pem\n', ['key.pem', 'a/public.pem'], ['public.pem']],
  ['!keep\nkeep\n', ['keep'], []],
  ['[z-a]\n[ab]?.txt\n', ['a1.txt', 'b2.txt'], ['z', 'c1.txt', 'a.txt']],
])('.dockerignore %j', (text, ignored, kept) => {
  writeFileSync(join(folder, '.dockerignore'), text);
  const isIgnored = readIgnored(folder);
  expect(ignored.filter((path) => !isIgnored(path))).toEqual([]);
  expect(kept.filter(isIgnored)).toEqual([]);
});

test('without the file nothing is ignored; that of the Dockerfile comes first', () => {
  expect(readIgnored(folder)('.env')).toBe(false);
  writeFileSync(join(folder, '.dockerignore'), 'one');
  writeFileSync(join(folder, 'Dockerfile.dockerignore'), 'two');
  expect(['one', 'two'].filter(readIgnored(folder))).toEqual(['two']);
});
