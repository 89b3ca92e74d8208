import type { Commit } from '../ports/commit.ts';
import type { StickyIssue } from '../ports/issues.ts';
import type { RollbackResult } from '../release/rollback-result.ts';
import { list, paragraphs, plain, shortCommit } from './markdown.ts';

export const notLiveMarker = (environment: string): string => `<!-- slipway:not-live:${environment} -->`;

const SHOWN = 30;

type Done = Exclude<RollbackResult, { outcome: 'refused' | 'stopped' }>;

/** The issue that says which commits on main are not live, and how that ends. */
export function notLiveIssue(
  result: Done,
  { commits, total }: { readonly commits: readonly Commit[]; readonly total: number },
): StickyIssue {
  const { release, to, url } = result;
  const { environment, actor, reason } = release;
  const marker = notLiveMarker(environment);
  const how = [
    '1. Merge what mends it. Nothing that is merged is deployed meanwhile.',
    `2. Run the workflow **Roll back** for ${environment} with **resume** checked: this issue closes.`,
    '3. Run the workflow **Deploy**, or merge once more.',
  ].join('\n');
  if (result.outcome === 'failed') {
    return {
      marker,
      title: `${environment}: the rollback to ${to.commit.slice(0, 7)} failed, and it is frozen`,
      body: paragraphs(
        `${plain(actor)} wanted ${environment} (${url}) back on release ${to.id}: ${plain(reason)}`,
        `It failed: ${plain(release.failure ?? '')}`,
        'Automatic deployments are frozen.',
        how,
      ),
    };
  }
  return {
    marker,
    title: `${environment} is back on ${release.commit.slice(0, 7)} and frozen: ${total} commits on main are not live`,
    body: paragraphs(
      `${environment} (${url}) serves release ${to.id} (commit ${shortCommit(to.commit)}) since ${plain(actor)} rolled back: ${plain(reason)}`,
      total === 0 ? 'No commit on main is missing there.' : `These commits on main are **not live**:`,
      list(commits.slice(0, SHOWN).map(commitLine)),
      total > SHOWN ? `... and ${total - SHOWN} more.` : undefined,
      how,
    ),
  };
}

export const commitLine = ({ sha, title, author }: Commit): string =>
  `${shortCommit(sha)} ${plain(title)}${author === '' ? '' : ` (${plain(author)})`}`;
