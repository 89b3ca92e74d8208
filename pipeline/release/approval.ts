import type { Issues } from '../ports/issues.ts';
import { approvalIssue, approvalMarker } from '../report/approval.ts';
import type { ApprovalRequest } from './ledger.ts';
import type { ReleasePorts } from './ports.ts';
import { type Requester, recordEntry } from './record.ts';
import type { Approval } from './types.ts';

/** How an environment asks for approval: not at all, by a comment, or by the reviewers of GitHub's own environment. */
export const APPROVAL_MODES = ['none', 'comment', 'environment'] as const;
export type ApprovalMode = (typeof APPROVAL_MODES)[number];

export interface AskRequest extends Requester {
  readonly environment: string;
  readonly commit: string;
  readonly url: string;
}

type Ports = Pick<ReleasePorts, 'ledger' | 'clock' | 'progress'> & { readonly issues: Issues };

export type Asked =
  | { readonly outcome: 'approved'; readonly approval: Approval }
  | { readonly outcome: 'waiting'; readonly commit: string; readonly issue: string };

/** Whether a commit may go to the environment; if nobody said so yet, one issue asks for it. */
export async function askForApproval(request: AskRequest, ports: Ports): Promise<Asked> {
  const { environment, commit, actor } = request;
  const { ledger, clock, issues } = ports;
  const [known] = await ledger.approvalRequests(environment, commit);
  if (known?.approval !== undefined) return { outcome: 'approved', approval: known.approval };
  const since = known?.since ?? new Date(clock.now()).toISOString();
  await ledger.saveApprovalRequest(environment, { commit, by: actor, since });
  const { head } = await ledger.control(environment);
  const pending = head === undefined ? undefined : await issues.commitsSince(head.commit);
  const issue = await issues.upsert(approvalIssue(request, { live: head?.commit, ...(pending && { pending }) }));
  return { outcome: 'waiting', commit, issue: issue.url };
}

/** A comment as GitHub tells of it. */
export interface ApprovalComment {
  readonly body: string;
  readonly author: string;
  readonly url: string;
  /** Issue or pull request. */
  readonly number: number;
  readonly onPullRequest: boolean;
}

export interface CommentRequest {
  readonly environment: string;
  readonly comment: ApprovalComment;
  /** Logins; empty: everybody who may write to the repository. */
  readonly approvers: readonly string[];
}

export type Approved =
  | { readonly outcome: 'approved'; readonly commit: string; readonly approval: Approval }
  | { readonly outcome: 'refused'; readonly problem: string }
  | { readonly outcome: 'no command' };

const COMMAND = /^\/approve(?:[ \t]+(\S+))?[ \t]*$/m;
/** A release's id ends with the first characters of its commit. */
const NAMED = /^(?:\d{8}T\d{9}Z-)?([0-9a-f]{7,40})$/;

/** Puts an approval on record, if the comment is one and its author may give it; then the deployment of that commit is started. */
export async function approveByComment(request: CommentRequest, ports: Ports): Promise<Approved> {
  const { environment, comment, approvers } = request;
  const command = COMMAND.exec(comment.body.replaceAll('\r', ''));
  if (command === null) return { outcome: 'no command' };
  const started = ports.clock.now();
  const result = await decide(request, command[1], ports);
  if (result.outcome === 'no command') return result;
  const commit = result.outcome === 'approved' ? result.commit : undefined;
  const line = {
    environment,
    kind: 'approve',
    outcome: result.outcome,
    detail: result.outcome === 'refused' ? result.problem : comment.url,
    ...(commit && { commit }),
  } as const;
  await recordEntry(line, { actor: comment.author, trigger: 'issue_comment' }, { ports, started });
  await ports.issues.comment(comment.number, reply(result, environment, approvers));
  if (commit !== undefined) await ports.issues.dispatch('deploy.yml', { commit });
  return result;
}

async function decide(
  { environment, comment, approvers }: CommentRequest,
  wanted: string | undefined,
  { ledger, clock, issues }: Ports,
): Promise<Approved> {
  const problem = await whyNot(comment.author, approvers, issues);
  if (problem !== undefined) return { outcome: 'refused', problem };
  const prefix = wanted === undefined ? await impliedCommit(comment, issues) : NAMED.exec(wanted)?.[1];
  if (prefix === undefined) {
    return { outcome: 'refused', problem: `"${wanted}" is neither a commit nor a release; write /approve <commit>` };
  }
  const waiting = await ledger.approvalRequests(environment, prefix);
  const chosen = choose(waiting, prefix);
  if (typeof chosen === 'string') return { outcome: 'refused', problem: `${chosen} of ${environment}` };
  const at = new Date(clock.now()).toISOString();
  const approval = chosen.approval ?? { commit: chosen.commit, by: comment.author, at, how: comment.url };
  await ledger.saveApprovalRequest(environment, { ...chosen, approval });
  return { outcome: 'approved', commit: chosen.commit, approval };
}

async function whyNot(author: string, approvers: readonly string[], issues: Issues): Promise<string | undefined> {
  const listed = approvers.some((login) => login.toLowerCase() === author.toLowerCase());
  if (approvers.length > 0 && !listed) return `${author} is not one of those who approve: ${approvers.join(', ')}`;
  return (await issues.mayWrite(author)) ? undefined : `${author} may not write to this repository`;
}

/** On a merged pull request `/approve` means that pull request; elsewhere, the one commit that waits. */
const impliedCommit = async (
  { number, onPullRequest }: ApprovalComment,
  issues: Issues,
): Promise<string | undefined> => (onPullRequest ? issues.mergeCommit(number) : '');

function choose(known: readonly ApprovalRequest[], prefix: string): ApprovalRequest | string {
  const candidates = prefix === '' ? known.filter(({ approval }) => approval === undefined) : known;
  const [only, another] = candidates;
  if (only === undefined) return prefix === '' ? 'nothing waits for approval' : `${prefix} does not wait for approval`;
  if (another === undefined) return only;
  return `more than one commit fits (${candidates.map(({ commit }) => commit.slice(0, 10)).join(', ')}); name one`;
}

function reply(result: Approved, environment: string, approvers: readonly string[]): string {
  if (result.outcome === 'approved') {
    return `Commit ${result.commit.slice(0, 7)} is approved for ${environment} by ${result.approval.by}; its deployment starts.`;
  }
  const who = approvers.length > 0 ? approvers.join(', ') : 'everybody who may write to the repository';
  return `Not approved: ${result.outcome === 'refused' ? result.problem : ''}. Approvals for ${environment} are given by ${who}.`;
}

export interface GateRequest {
  readonly environment: string;
  readonly commit: string;
  readonly mode: ApprovalMode;
  /** Id of the workflow run. */
  readonly run: number;
}

export type Gate =
  | { readonly open: true; readonly approval?: Approval }
  | { readonly open: false; readonly problem: string };

/** The last look before a deployment: is the approval that the environment asks for there? */
export async function gate({ environment, commit, mode, run }: GateRequest, ports: Ports): Promise<Gate> {
  if (mode === 'none') return { open: true };
  if (mode === 'comment') {
    const [known] = await ports.ledger.approvalRequests(environment, commit);
    if (known?.approval !== undefined) return { open: true, approval: known.approval };
    const problem = `${environment} takes only what is approved: comment "/approve ${commit.slice(0, 7)}" on the issue that asks for it`;
    return { open: false, problem };
  }
  const reviews = await ports.issues.reviews(run);
  const review = reviews.find(({ approved, environments }) => approved && environments.includes(environment));
  if (review === undefined) {
    const problem = `nobody reviewed this run for GitHub's environment ${environment}: it has no required reviewers, or your plan does not offer them; set the variable SLIPWAY_APPROVAL to comment instead`;
    return { open: false, problem };
  }
  const at = new Date(ports.clock.now()).toISOString();
  return { open: true, approval: { commit, by: review.by, at, how: `review of GitHub's environment ${environment}` } };
}

/** The commit is live: nothing waits for an answer any more. */
export async function closeApprovalIssue(environment: string, commit: string, issues: Issues): Promise<void> {
  await issues.close(approvalMarker(environment), `Commit ${commit.slice(0, 7)} is live in ${environment}.`);
}
