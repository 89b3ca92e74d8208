import { readFileSync } from 'node:fs';
import { APPROVAL_MODES, type ApprovalComment, type ApprovalMode } from '../../pipeline/release/approval.ts';
import { choice, InputError, text } from './inputs.ts';

/** How an environment asks for approval; empty is `none`. */
export const approvalMode = (name: string): ApprovalMode => (text(name) === '' ? 'none' : choice(name, APPROVAL_MODES));

interface CommentEvent {
  readonly comment?: {
    readonly body?: string;
    readonly html_url?: string;
    readonly user?: { readonly login?: string };
  };
  readonly issue?: { readonly number?: number; readonly pull_request?: object };
}

/** The comment that started this run, from the event's own file: what people write never passes through a script. */
export function startedByComment(eventFile: string | undefined): ApprovalComment {
  const { comment, issue } = JSON.parse(readFileSync(eventFile ?? '', 'utf8')) as CommentEvent;
  if (!comment?.user?.login || issue?.number === undefined) {
    throw new InputError('this run was not started by a comment: use it in a workflow with on: issue_comment');
  }
  return {
    body: comment.body ?? '',
    author: comment.user.login,
    url: comment.html_url ?? '',
    number: issue.number,
    onPullRequest: issue.pull_request !== undefined,
  };
}
