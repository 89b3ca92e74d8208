import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether a branch, tag or path passes a list of GitHub filter patterns; the last pattern that matches decides, `!` excludes.
 * Source: "Filter pattern cheat sheet" of GitHub's workflow syntax reference.
 */
export function matchesPatterns(patterns: readonly string[], value: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith('!');
    if (patternToRegExp(negative ? pattern.slice(1) : pattern).test(value)) matched = !negative;
  }
  return matched;
}

/** `*` stays within a path segment, `**` does not; `?` and `+` repeat the preceding character, `[]` is a set. */
function patternToRegExp(pattern: string): RegExp {
  const tokens = pattern.matchAll(/\*\*\/|\*\*|\*|\[[^\]]*\]|\\.|./gs);
  const source = Array.from(tokens, ([token]) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (/^[?+[\\]/.test(token)) return token;
    return token.replace(/[.^$|(){}\]]/, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`);
}

/** `hashFiles`: SHA-256 over the SHA-256 of every file that matches, in the order of the paths; '' when none matches. */
export function hashFiles(root: string, patterns: readonly string[]): string {
  const lines = patterns.flatMap((pattern) => pattern.split('\n')).map((pattern) => pattern.trim());
  const include = lines.filter((line) => line !== '' && !line.startsWith('!'));
  const exclude = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const files = globSync(include, { cwd: root, exclude }).sort();
  const digests = files
    .filter((file) => statSync(join(root, file)).isFile())
    .map((file) =>
      createHash('sha256')
        .update(readFileSync(join(root, file)))
        .digest(),
    );
  if (digests.length === 0) return '';
  return createHash('sha256').update(Buffer.concat(digests)).digest('hex');
}
