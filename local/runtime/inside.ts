import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { ImageError } from './runtime.ts';

const MOST_LINKS = 40;

/**
 * Where `path` is on this machine when `root` is its file system: every link on the way is followed as a process inside would follow
 * it, so nothing leads outside. What does not exist yet is named by where it would be.
 */
export function resolveInside(root: string, path: string): string {
  return join(root, follow(root, path, 0));
}

/** Like `resolveInside`, but the last part is not followed: the name itself, which may be a link. */
export function nameInside(root: string, path: string): string {
  const folder = dirname(join('/', path));
  return join(resolveInside(root, folder), path.split('/').at(-1) ?? '');
}

function follow(root: string, path: string, links: number): string {
  if (links > MOST_LINKS) throw new ImageError(`too many links on the way to ${path}`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  let current = '/';
  for (const [index, part] of parts.entries()) {
    if (part === '..') {
      current = dirname(current);
      continue;
    }
    const next = join(current, part);
    if (statusOf(join(root, next))?.isSymbolicLink()) {
      const target = readlinkSync(join(root, next));
      const from = target.startsWith('/') ? target : join(current, target);
      return follow(root, [from, ...parts.slice(index + 1)].join('/'), links + 1);
    }
    current = next;
  }
  return current;
}

/** Status of a name, links not followed; undefined when there is nothing. */
export function statusOf(file: string): Stats | undefined {
  return lstatSync(file, { throwIfNoEntry: false });
}
