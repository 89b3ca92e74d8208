import type { Issues, OpenedIssue } from '../ports/issues.ts';
import { notLiveIssue, notLiveMarker } from '../report/not-live.ts';
import type { RollbackResult } from './rollback-result.ts';

export type Told = { readonly issue?: OpenedIssue; readonly warning?: string };

/**
 * After a rollback main is ahead of what serves, and nothing that is merged goes live. One issue says so, and which commits that concerns,
 * until somebody resumes. Telling never fails a rollback.
 */
export async function tellNotLive(result: RollbackResult, issues: Issues): Promise<Told> {
  if (result.outcome === 'refused' || result.outcome === 'stopped') return {};
  const serving = result.outcome === 'failed' ? undefined : result.release;
  try {
    const { commits, total } = serving ? await issues.commitsSince(serving.commit) : { commits: [], total: 0 };
    return { issue: await issues.upsert(notLiveIssue(result, { commits, total })) };
  } catch (error) {
    return { warning: `The issue about commits that are not live was not written: ${wordsOf(error)}` };
  }
}

/** Automatic deployments are on again: the issue has done its work. */
export async function tellResumed(environment: string, actor: string, issues: Issues): Promise<Told> {
  try {
    const issue = await issues.close(notLiveMarker(environment), `Automatic deployments were resumed by ${actor}.`);
    return issue ? { issue } : {};
  } catch (error) {
    return { warning: `The issue about commits that are not live was not closed: ${wordsOf(error)}` };
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
