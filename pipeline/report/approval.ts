import type { Commit } from '../ports/commit.ts';
import type { StickyIssue } from '../ports/issues.ts';
import type { Asked, AskRequest } from '../release/approval.ts';
import { code, list, paragraphs, plain, shortCommit } from './markdown.ts';
import { commitLine } from './not-live.ts';

export const approvalMarker = (environment: string): string => `<!-- slipway:approval:${environment} -->`;

const SHOWN = 30;

interface Waiting {
  readonly live: string | undefined;
  readonly pending?: { readonly commits: readonly Commit[]; readonly total: number };
}

/** The issue that asks for approval; it always speaks of the newest commit that waits. */
export function approvalIssue(
  { environment, commit, actor, url }: AskRequest,
  { live, pending }: Waiting,
): StickyIssue {
  const from = pending?.commits.findIndex(({ sha }) => sha === commit) ?? -1;
  const commits = pending?.commits.slice(Math.max(0, from)) ?? [];
  return {
    marker: approvalMarker(environment),
    title: `${environment}: ${commit.slice(0, 7)} waits for approval`,
    body: paragraphs(
      `Commit ${shortCommit(commit)} is verified on staging and waits to go to ${environment}; it was brought by ${plain(actor)}. Staging: ${url}`,
      live === undefined
        ? `${environment} has no release yet.`
        : `${environment} is at ${shortCommit(live)}. It would get:`,
      list(commits.slice(0, SHOWN).map(commitLine)),
      commits.length > SHOWN ? `... and ${commits.length - SHOWN} more.` : undefined,
      `To let it go live, comment:\n\n${code(`/approve ${commit.slice(0, 7)}`)}`,
    ),
  };
}

export function askedReport(environment: string, asked: Asked): string {
  if (asked.outcome === 'approved') {
    const { by, at, how } = asked.approval;
    return paragraphs(`### ${environment}: approved`, `by ${plain(by)} at ${at}: ${plain(how)}`);
  }
  return paragraphs(
    `### ${environment}: waits for approval`,
    `Commit ${shortCommit(asked.commit)} goes live once somebody comments ${code(`/approve ${asked.commit.slice(0, 7)}`)} on ${asked.issue}`,
  );
}
