import type { Shapes } from '../api/shapes/shapes.ts';
import { changedPaths, listCommits } from '../repository/history.ts';
import { DEVELOPER_LOGIN, type Site } from '../site.ts';
import type { RepositoryEvent } from './event.ts';

const NOTHING = '0'.repeat(40);

/** The push that moved a branch from one commit (absent: it is new) to another. */
export async function pushEvent(
  site: Site,
  shapes: Shapes,
  push: { readonly branch: string; readonly before: string | undefined; readonly after: string },
): Promise<RepositoryEvent> {
  const { branch, before, after } = push;
  const ref = `refs/heads/${branch}`;
  const range = before ? `${before}..${after}` : after;
  const commits = await listCommits(site.folder, range, { limit: before ? 20 : 1 });
  const [head] = commits.length > 0 ? commits : await listCommits(site.folder, after, { limit: 1 });
  const listed = commits.toReversed().map(({ sha, tree, message, author, committer }) => ({
    id: sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: { name: author.name, email: author.email },
    committer: { name: committer.name, email: committer.email },
    distinct: true,
  }));
  const [title = ''] = (head?.message ?? '').split('\n');
  return {
    name: 'push',
    ref,
    commit: after,
    filterRef: ref,
    changedPaths: () => changedPaths(site.folder, before, after),
    actor: DEVELOPER_LOGIN,
    title,
    branch,
    headCommit: after,
    payload: {
      ref,
      before: before ?? NOTHING,
      after,
      created: before === undefined,
      deleted: false,
      forced: false,
      base_ref: null,
      compare: `${site.url}/${site.options.repository}/compare/${before ?? NOTHING}...${after}`,
      commits: listed,
      head_commit: listed.at(-1) ?? null,
      repository: shapes.repository(),
      pusher: { name: DEVELOPER_LOGIN },
      sender: shapes.user(DEVELOPER_LOGIN),
    },
  };
}
