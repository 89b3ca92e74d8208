import { type Author, identity } from './author.ts';
import { GitError, git } from './git.ts';

export type MergeResult =
  | { readonly ok: true; readonly commit: string }
  | { readonly ok: false; readonly conflicts: readonly string[] };

/** Makes the commit that merges `head` into `base`, without a checkout. Needs git 2.38. No ref is moved. */
export async function mergeCommit(
  repository: string,
  request: { readonly base: string; readonly head: string; readonly message: string; readonly author?: Author },
): Promise<MergeResult> {
  const { base, head, message } = request;
  try {
    const tree = (await git(repository, ['merge-tree', '--write-tree', '--name-only', base, head])).trim();
    const args = ['commit-tree', tree, '-p', base, '-p', head, '-m', message];
    const commit = await git(repository, args, { environment: identity(request.author) });
    return { ok: true, commit: commit.trim() };
  } catch (error) {
    if (error instanceof GitError && error.code === 1) return { ok: false, conflicts: conflictsOf(error.output) };
    throw error;
  }
}

/** After the tree come the names of the files that conflict, then an empty line and prose. */
function conflictsOf(output: string): readonly string[] {
  const [names = ''] = output.split('\n\n');
  return names.split('\n').slice(1);
}

export async function updateRef(repository: string, ref: string, commit: string): Promise<void> {
  await git(repository, ['update-ref', ref, commit]);
}

export async function deleteRef(repository: string, ref: string): Promise<void> {
  await git(repository, ['update-ref', '-d', ref]);
}
