import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A copy of this repository's working tree: to be spoiled, or not to change while the developer goes on editing. */
export interface Checkout {
  readonly root: string;
  write(path: string, text: string): void;
  remove(): void;
}

export function createCheckout(): Checkout {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'slipway-checkout-'));
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8', maxBuffer: 16 << 20 }).split('\0');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const file of files) if (file !== '' && existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(root, file));
  // A working tree of its own, in which the link to the packages is not part of the project.
  execFileSync('git', ['init', '--quiet', root]);
  write('.git/info/exclude', 'node_modules\n');
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}
