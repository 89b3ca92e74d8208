import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearScratch, memoryFolder, openScratch } from './scratch.ts';

let home: string;
let elsewhere: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'slipway-scratch-'));
  elsewhere = mkdtempSync(join(tmpdir(), 'slipway-elsewhere-'));
});
afterEach(() => {
  for (const folder of [home, elsewhere, memoryFolder(home)]) rmSync(folder, { recursive: true, force: true });
});

test('what jobs leave behind is cleared, and clearing twice is fine', () => {
  const folder = openScratch(home);
  mkdirSync(join(folder, '7'), { recursive: true });
  writeFileSync(join(folder, '7', 'file'), 'text');
  clearScratch(home);
  clearScratch(home);
  expect(existsSync(folder)).toBe(false);
});

test('a link that somebody else put in the place of the folder is not followed', () => {
  writeFileSync(join(elsewhere, 'precious'), 'text');
  for (const place of [join(home, 'work'), ...(existsSync('/dev/shm') ? [memoryFolder(home)] : [])]) {
    symlinkSync(elsewhere, place);
  }
  expect(openScratch(home)).toBe(join(home, 'work'));
  clearScratch(home);
  expect(readdirSync(elsewhere)).toEqual(['precious']);
});
