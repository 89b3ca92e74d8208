import { existsSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Author, identity } from './author.ts';
import { GitError, git, resolveCommit } from './git.ts';

export interface SeedRequest {
  /** Bare repository that gets the commit. */
  readonly repository: string;
  /** A git working tree, or a plain folder. It is only read. */
  readonly from: string;
  readonly message: string;
  readonly author?: Author | undefined;
}

/**
 * Puts the files of a folder as one commit on `main` and returns the commit. Of a git working tree these are the tracked and
 * the new files as they are on disk, uncommitted changes included; ignored files stay away. Nothing changes when `main`
 * already looks like that.
 */
export async function seedRepository(request: SeedRequest): Promise<string> {
  const commit = await snapshotTree({ ...request, branch: 'main', parent: 'main' });
  return commit ?? (await git(request.repository, ['rev-parse', 'refs/heads/main'])).trim();
}

export interface SnapshotRequest extends SeedRequest {
  /** Branch that gets the commit; made when there is none. */
  readonly branch: string;
  /** Branch that the commit builds on; the first commit of all has no parent. */
  readonly parent: string;
}

/** The same on any branch. Resolves to undefined when the parent already looks like the folder. */
export async function snapshotTree(request: SnapshotRequest): Promise<string | undefined> {
  const { repository, from } = request;
  const scratch = mkdtempSync(join(tmpdir(), 'slipway-seed-'));
  const environment = { GIT_DIR: repository, GIT_WORK_TREE: from, GIT_INDEX_FILE: join(scratch, 'index') };
  try {
    const files = await trackedFiles(from);
    if (files) {
      const input = files.map((file) => `${file}\0`).join('');
      await git(from, [...FAST, 'update-index', '-z', '--add', '--stdin'], { environment, input });
    } else await git(from, [...FAST, 'add', '--all', '.'], { environment });
    const tree = (await git(from, ['write-tree'], { environment })).trim();
    return await commitTree({ ...request, tree });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Many small objects that live for a day: speed counts, size does not. */
const FAST = ['-c', 'core.looseCompression=1', '-c', 'core.bare=false'];

/** Files that belong to the working tree and exist; nothing when the folder is no git working tree. */
async function trackedFiles(from: string): Promise<readonly string[] | undefined> {
  try {
    const list = await git(from, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
      environment: developerConfiguration(),
    });
    return list.split('\0').filter((file) => file !== '' && isFile(join(from, file)));
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

/** What the developer ignores globally is not part of the project either. */
function developerConfiguration(): Readonly<Record<string, string>> {
  const home = process.env['HOME'] ?? '';
  const config = [process.env['GIT_CONFIG_GLOBAL'], join(home, '.gitconfig')].find((file) => file && existsSync(file));
  return config ? { GIT_CONFIG_GLOBAL: config } : {};
}

/** False for a deleted file and for a submodule, which is a folder. */
function isFile(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isDirectory();
}

async function commitTree(request: SnapshotRequest & { readonly tree: string }): Promise<string | undefined> {
  const { repository, tree, branch } = request;
  const parent = await resolveCommit(repository, `refs/heads/${request.parent}`);
  if (parent && (await git(repository, ['rev-parse', `${parent}^{tree}`])).trim() === tree) return undefined;
  const parents = parent ? ['-p', parent] : [];
  const environment = identity(request.author);
  const commit = (
    await git(repository, ['commit-tree', tree, ...parents, '-m', request.message], { environment })
  ).trim();
  await git(repository, ['update-ref', `refs/heads/${branch}`, commit]);
  return commit;
}
