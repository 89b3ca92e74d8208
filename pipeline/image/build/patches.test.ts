import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPatches } from './patches.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-patches-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, content = 'patch'): void {
  mkdirSync(join(root, 'patches'), { recursive: true });
  writeFileSync(join(root, 'patches', name), content);
}

test('patches are found by the package that they change', () => {
  expect(readPatches(root)).toEqual(new Map());
  for (const name of ['plain+1.0.0.patch', '@scope+name+2.0.0-beta.1.patch', 'outer++inner+3.0.0.patch', 'README.md'])
    write(name);
  expect([...readPatches(root).keys()].sort()).toEqual(['@scope/name', 'inner', 'plain']);
});

test('each patch of a package counts, and what is in it', () => {
  const seen = new Set<string | undefined>();
  for (const [name, content] of [
    ['plain+1.0.0+001+first.patch', 'a'],
    ['plain+1.0.0+001+first.patch', 'b'],
    ['plain+1.0.0+002+second.patch', 'a'],
  ] as const) {
    write(name, content);
    seen.add(readPatches(root).get('plain'));
  }
  expect(seen.size).toBe(3);
});
