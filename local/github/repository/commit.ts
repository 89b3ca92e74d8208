import { GitHubError } from '../types.ts';
import { type Author, DEVELOPER } from './author.ts';
import { git, resolveCommit } from './git.ts';

export interface CommitRequest {
  /** Branch that the commit goes on; made when there is none. */
  readonly branch: string;
  /** What the commit builds on; absent = the branch itself, or `main` for a new branch. */
  readonly from?: string;
  /** New content by path; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly author?: Author;
}

/**
 * Commits on a branch of a bare repository, without a checkout, in one run of `git fast-import`.
 * @throws GitHubError for a branch or path that git would not take, or when there is nothing to build on.
 */
export async function commitFiles(repository: string, request: CommitRequest): Promise<string> {
  const { branch, files, message, author = DEVELOPER } = request;
  if (!isBranchName(branch)) throw new GitHubError(422, `'${branch}' is not a valid branch name`);
  for (const path of Object.keys(files)) refuseBadPath(path);
  const base = await baseOf(repository, request);
  const modes = await fileModes(repository, base, Object.keys(files));
  const when = `${Math.floor(Date.now() / 1000)} +0000`;
  const stream = [
    `commit refs/heads/${branch}`,
    'mark :1',
    `author ${author.name} <${author.email}> ${when}`,
    `committer ${author.name} <${author.email}> ${when}`,
    data(message),
    `from ${base}`,
    ...Object.entries(files).map(([path, content]) => change(path, content, modes.get(path))),
    'get-mark :1',
    'done',
    '',
  ];
  const output = await git(repository, ['fast-import', '--quiet', '--force', '--done'], { input: stream.join('\n') });
  return output.trim();
}

async function baseOf(repository: string, { branch, from }: CommitRequest): Promise<string> {
  const names = from === undefined ? [`refs/heads/${branch}`, 'refs/heads/main'] : [from];
  for (const name of names) {
    const commit = await resolveCommit(repository, name);
    if (commit) return commit;
  }
  throw new GitHubError(422, `There is no ${names.at(-1)} to commit on: seed the repository first`);
}

function refuseBadPath(path: string): void {
  const parts = path.split('/');
  if (!path.includes('\n') && !parts.some((part) => ['', '.', '..', '.git'].includes(part))) return;
  throw new GitHubError(422, `'${path}' is not a path within the repository`);
}

function change(path: string, content: string | null, mode = '100644'): string {
  const quoted = `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
  return content === null ? `D ${quoted}` : `M ${mode} inline ${quoted}\n${data(content)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

/** An executable file that changes stays executable. */
async function fileModes(
  repository: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  const list = await git(repository, ['ls-tree', '-z', commit, '--', ...paths]);
  return new Map(
    list
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)]),
  );
}

/** The rules of git-check-ref-format. */
function isBranchName(name: string): boolean {
  return !/^$|[\s\p{Cc}~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|\/\.|[/.]$|\.lock(\/|$)|^refs\//u.test(name);
}
