import { GitError, git } from './git.ts';

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO 8601. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface ChangedFile {
  readonly path: string;
  readonly previousPath?: string;
  readonly status: 'added' | 'modified' | 'removed' | 'renamed' | 'changed';
  readonly additions: number;
  readonly deletions: number;
  /** Blob id; the old one of a removed file. */
  readonly sha: string;
  /** Unified diff, from the first `@@`; absent for a binary file. */
  readonly patch?: string;
}

const FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x00');
const STATUS = { A: 'added', M: 'modified', D: 'removed', R: 'renamed', T: 'changed', C: 'added' } as const;

/** Commits that `range` (a commit, or `a..b`) reaches, newest first. */
export async function listCommits(
  repository: string,
  range: string,
  { limit, path }: { readonly limit?: number; readonly path?: string } = {},
): Promise<readonly Commit[]> {
  const args = ['log', `--format=${FORMAT}%x01`, ...(limit ? [`--max-count=${limit}`] : []), range, '--'];
  const output = await git(repository, path ? [...args, path] : args);
  return output
    .split('\x01')
    .map((entry) => entry.trimStart())
    .filter(Boolean)
    .map(parseCommit);
}

/** Names of the files that differ between two commits, as `on.paths` sees them. `base` undefined = all of `head`. */
export async function changedPaths(
  repository: string,
  base: string | undefined,
  head: string,
): Promise<readonly string[]> {
  const args = base
    ? ['diff', '-z', '--name-only', '--no-renames', base, head]
    : ['ls-tree', '-rz', '--name-only', head];
  return (await git(repository, args)).split('\0').filter(Boolean);
}

/** The files that differ between two commits, as GitHub lists them. */
export async function changedFiles(repository: string, base: string, head: string): Promise<readonly ChangedFile[]> {
  const options = ['--find-renames', '--full-index', base, head];
  const [raw, numbers, patches] = await Promise.all([
    git(repository, ['diff', '-z', '--raw', '--abbrev=40', ...options]),
    git(repository, ['diff', '-z', '--numstat', ...options]),
    git(repository, ['diff', '--patch', ...options]),
  ]);
  const counts = parseNumbers(numbers);
  const texts = patches
    .split(/^diff --git .*\n/m)
    .slice(1)
    .map(patchOf);
  return parseRaw(raw).map((file, index) => {
    const patch = texts[index];
    return { ...file, ...(counts[index] ?? { additions: 0, deletions: 0 }), ...(patch === undefined ? {} : { patch }) };
  });
}

/** The best common ancestor; nothing when the commits share no history. */
export async function mergeBase(repository: string, one: string, other: string): Promise<string | undefined> {
  try {
    return (await git(repository, ['merge-base', one, other])).trim();
  } catch (error) {
    if (error instanceof GitError && error.code === 1) return undefined;
    throw error;
  }
}

function parseCommit(entry: string): Commit {
  const [sha = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = ''] =
    entry.split('\0');
  return {
    sha,
    tree,
    parents: parents.split(' ').filter(Boolean),
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    message: message.trimEnd(),
  };
}

function parseRaw(raw: string): readonly Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'sha'>[] {
  const fields = raw.split('\0');
  const files: Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'sha'>[] = [];
  for (let index = 0; index + 1 < fields.length; ) {
    const [, , before = '', after = '', letter = 'M'] = (fields[index++] ?? '').split(' ');
    const status = STATUS[letter.charAt(0) as keyof typeof STATUS] ?? 'changed';
    const first = fields[index++] ?? '';
    const second = status === 'renamed' ? (fields[index++] ?? '') : undefined;
    const sha = status === 'removed' ? before : after;
    files.push(
      second === undefined ? { path: first, status, sha } : { path: second, previousPath: first, status, sha },
    );
  }
  return files;
}

/** `--numstat -z` puts the two names of a renamed file into fields of their own. */
function parseNumbers(numbers: string): readonly { additions: number; deletions: number }[] {
  return numbers
    .split('\0')
    .map((field) => /^(\d+|-)\t(\d+|-)\t/.exec(field))
    .filter((match) => match !== null)
    .map(([, added, removed]) => ({ additions: Number(added) || 0, deletions: Number(removed) || 0 }));
}

function patchOf(text: string): string | undefined {
  const start = text.search(/^@@ /m);
  return start < 0 ? undefined : text.slice(start).trimEnd();
}
