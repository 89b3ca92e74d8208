import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closureOf, findPackage, packagePathOf, readLockfile } from './lockfile.ts';
import { nativeClosure } from './native.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-lock-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function lockfile(packages: Record<string, object>) {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  return readLockfile(root);
}

test('packages are found the way Node finds them', () => {
  const locked = lockfile({
    '': {},
    'services/web': { dependencies: { b: '1' } },
    'services/web/node_modules/b': { version: '3.0.0' },
    'node_modules/a': { version: '1.0.0', dependencies: { b: '2' } },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/@app/web': { link: true },
  });
  expect(findPackage(locked, 'b')?.version).toBe('1.0.0');
  expect(findPackage(locked, 'b', 'node_modules/a')?.version).toBe('2.0.0');
  expect(findPackage(locked, 'b', 'services/web')?.version).toBe('3.0.0');
  expect(findPackage(locked, '@app/web')).toBeUndefined();
  expect(closureOf(locked, [{ name: 'a' }]).map(({ path }) => path)).toEqual([
    'node_modules/a',
    'node_modules/a/node_modules/b',
  ]);
  expect(locked.declared.get('services/web')).toEqual(['b']);
});

test('packages that need each other end', () => {
  const locked = lockfile({
    'node_modules/a': { version: '1', dependencies: { b: '*' } },
    'node_modules/b': { version: '1', peerDependencies: { a: '*' } },
  });
  expect(closureOf(locked, [{ name: 'b' }]).map(({ name }) => name)).toEqual(['a', 'b']);
});

test('beside the bundle lies what the platform loads, without what only installs it', () => {
  const locked = lockfile({
    'node_modules/sharp': {
      version: '1',
      optionalDependencies: { '@img/x64': '1', '@img/arm64': '1', '@img/musl': '1', '@img/mac': '1' },
    },
    'node_modules/@img/x64': { version: '1', os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    'node_modules/@img/arm64': { version: '1', os: ['linux'], cpu: ['arm64'] },
    'node_modules/@img/musl': { version: '1', os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    'node_modules/@img/mac': { version: '1', os: ['!linux'] },
    'node_modules/onnxruntime-node': { version: '1', dependencies: { 'adm-zip': '1', 'onnxruntime-common': '1' } },
    'node_modules/onnxruntime-common': { version: '1' },
    'node_modules/adm-zip': { version: '1' },
  });
  const names = (platform: 'linux/amd64' | 'linux/arm64') =>
    nativeClosure(locked, ['sharp', 'onnxruntime-node'], platform).map(({ name }) => name);
  expect(names('linux/amd64')).toEqual(['@img/x64', 'onnxruntime-common', 'onnxruntime-node', 'sharp']);
  expect(names('linux/arm64')).toEqual(['@img/arm64', 'onnxruntime-common', 'onnxruntime-node', 'sharp']);
});

test.each([
  ['node_modules/a/lib/x.js', 'node_modules/a'],
  ['node_modules/@s/a/x.js', 'node_modules/@s/a'],
  ['node_modules/a/node_modules/@s/b/x.js', 'node_modules/a/node_modules/@s/b'],
  ['services/web/main.ts', undefined],
])('%s belongs to %s', (file, path) => expect(packagePathOf(file)).toBe(path));

test.each(['', '{', '{"lockfileVersion":1}'])('a lock file that reads %j is an error with a way out', (text) => {
  writeFileSync(join(root, 'package-lock.json'), text);
  expect(() => readLockfile(root)).toThrow('package-lock.json cannot be read');
});
