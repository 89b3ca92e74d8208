import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What images are made of. Whatever else a workflow leaves in its checkout is no part of them. */
const SOURCES = ['services', 'patches', 'package.json', 'package-lock.json', 'tsconfig.json'] as const;
const SHOWN = 5;

/** Nothing that the checkout could bring along is executed, and files of another user are read as well. */
const GIT = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'safe.directory=*'] as const;

/** Whether a checkout is what was committed: a tag names a commit, and must not hold anything else. */
export type Committed =
  | { readonly state: 'same' }
  | { readonly state: 'different'; readonly problem: string }
  /** No git, or no repository. */
  | { readonly state: 'unknown'; readonly reason: string };

/** Compares the sources in `root` with `commit`; files that git ignores (models that were trained, say) may be there. */
export async function compareWithCommit(root: string, commit: string): Promise<Committed> {
  try {
    const head = (await git(root, 'rev-parse', '--verify', 'HEAD')).trim();
    if (head !== commit) return { state: 'different', problem: `${root} is a checkout of ${head}, not of ${commit}` };
    const status = await git(
      root,
      'status',
      '--porcelain',
      '-z',
      '--no-renames',
      '--untracked-files=all',
      '--',
      ...SOURCES,
    );
    const files = status.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
    if (files.length === 0) return { state: 'same' };
    const more = files.length > SHOWN ? ` and ${files.length - SHOWN} more` : '';
    return {
      state: 'different',
      problem: `${files.slice(0, SHOWN).join(', ')}${more} ${files.length > 1 ? 'are' : 'is'} not as in commit ${commit}`,
    };
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    return { state: 'unknown', reason: (stderr || message).trim() };
  }
}

async function git(root: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  return (await promisify(execFile)('git', ['-C', root, ...GIT, ...args], { env, maxBuffer: 64 << 20 })).stdout;
}
