import type { ChangedFile, Commit } from '../../repository/history.ts';
import type { Shape } from '../examples.ts';
import type { ShapeBase } from './base.ts';

export interface CommitShapes {
  commit(commit: Commit): Shape;
  file(file: ChangedFile, commit: string): Shape;
}

/** What git knows. */
export function commitShapes({ examples, api, web }: ShapeBase): CommitShapes {
  return {
    commit: (commit) => ({
      ...examples('repos/list-commits'),
      sha: commit.sha,
      url: `${api}/commits/${commit.sha}`,
      html_url: `${web}/commit/${commit.sha}`,
      comments_url: `${api}/commits/${commit.sha}/comments`,
      author: null,
      committer: null,
      parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${web}/commit/${sha}` })),
      commit: {
        url: `${api}/git/commits/${commit.sha}`,
        author: commit.author,
        committer: commit.committer,
        message: commit.message,
        tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
        comment_count: 0,
        verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
      },
    }),
    file: (file, commit) => ({
      sha: file.sha,
      filename: file.path,
      status: file.status,
      additions: file.additions,
      deletions: file.deletions,
      changes: file.additions + file.deletions,
      blob_url: `${web}/blob/${commit}/${encodeURI(file.path)}`,
      raw_url: `${web}/raw/${commit}/${encodeURI(file.path)}`,
      contents_url: `${api}/contents/${encodeURI(file.path)}?ref=${commit}`,
      ...(file.patch === undefined ? {} : { patch: file.patch }),
      ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
    }),
  };
}
