import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';

/**
 * Whether `.dockerignore` keeps a file of the folder from the engine: the last pattern that fits it, or a folder above it, decides
 * (https://docs.docker.com/build/concepts/context/#dockerignore-files). `<Dockerfile>.dockerignore` comes first, as in BuildKit.
 */
export function readIgnored(folder: string): (path: string) => boolean {
  const file = ['Dockerfile.dockerignore', '.dockerignore'].find((name) => existsSync(join(folder, name)));
  const patterns = file === undefined ? [] : parseIgnored(readFileSync(join(folder, file), 'utf8'));
  return (path) => patterns.findLast(({ fits }) => fits.test(path))?.ignored ?? false;
}

interface Pattern {
  /** The path itself, and what is below it. */
  readonly fits: RegExp;
  readonly ignored: boolean;
}

function parseIgnored(text: string): readonly Pattern[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const glob = normalize(line.replace(/^!\s*/, '')).replace(/^\/|\/$/g, '');
      return { fits: compile(expressionOf(glob)), ignored: !line.startsWith('!') };
    });
}

/** What is no pattern fits nothing; the engine tells where it is wrong. */
function compile(expression: string): RegExp {
  try {
    return new RegExp(`^${expression}(?:/|$)`);
  } catch {
    return /(?!)/;
  }
}

/** Go's `filepath.Match` with `**` for any number of folders; unlike in shells, `*` takes names that begin with a dot. */
function expressionOf(glob: string): string {
  return glob.replaceAll(/\*\*\/|\*\*|\*|\?|\[[^\]]+\]|\\.|[^\w/]/g, (found) => {
    if (found === '**/') return '(?:.*/)?';
    if (found === '**') return '.*';
    if (found === '*') return '[^/]*';
    if (found === '?') return '[^/]';
    if (found.startsWith('[') || found.length > 1) return found;
    return `\\${found}`;
  });
}
