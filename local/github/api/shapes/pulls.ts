import { createHash } from 'node:crypto';
import type { Comment, Issue, PullRequest } from '../../types.ts';
import type { Shape } from '../examples.ts';
import type { ShapeBase } from './base.ts';

export interface PullShapes {
  issue(issue: Issue | PullRequest, comments: number): Shape;
  label(name: string): Shape;
  comment(comment: Comment): Shape;
  /** As in a list. */
  pull(pull: PullRequest): Shape;
  /** As on its own: also says whether it can be merged. */
  fullPull(pull: PullRequest): Shape;
}

/** Pull requests, which are issues too, and their comments. */
export function pullShapes({ examples, api, web, user, headRepository }: ShapeBase): PullShapes {
  const side = (branch: string, sha: string, fork = false): Shape => {
    const repo = headRepository(fork);
    const [login = ''] = String(repo['full_name']).split('/');
    return { label: `${login}:${branch}`, ref: branch, sha, user: user(login), repo };
  };

  const label = (name: string): Shape => ({
    id: Number.parseInt(createHash('sha256').update(name).digest('hex').slice(0, 8), 16),
    node_id: Buffer.from(`label:${name}`).toString('base64'),
    url: `${api}/labels/${encodeURIComponent(name)}`,
    name,
    description: '',
    color: 'ededed',
    default: false,
  });

  const pullBase = (operation: string, pull: PullRequest): Shape => ({
    ...examples(operation, [[/\/(pulls?|issues)\/1347/g, `/$1/${pull.number}`]]),
    id: pull.number,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    body: pull.body,
    user: user(pull.author),
    draft: pull.draft,
    labels: (pull.labels ?? []).map(label),
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt ?? null,
    merged_at: pull.mergeCommit ? (pull.closedAt ?? null) : null,
    merge_commit_sha: pull.mergeCommit ?? pull.testMerge ?? null,
    head: side(pull.head, pull.headCommit, pull.fork),
    base: side(pull.base, pull.baseCommit),
    auto_merge: null,
  });

  return {
    label,
    issue: (pull, comments) => {
      const numbered = examples('issues/get', [[/\/(pulls?|issues)\/1347/g, `/$1/${pull.number}`]]);
      const { closed_by: _, pull_request: link, ...example } = numbered;
      return {
        ...example,
        number: pull.number,
        state: pull.state,
        title: pull.title,
        body: pull.body,
        user: user(pull.author),
        labels: (pull.labels ?? []).map(label),
        milestone: null,
        assignee: null,
        assignees: [],
        comments,
        created_at: pull.createdAt,
        updated_at: pull.updatedAt,
        closed_at: pull.closedAt ?? null,
        ...('head' in pull ? { pull_request: link } : {}),
      };
    },
    comment: (comment) => ({
      ...examples('issues/get-comment'),
      id: comment.id,
      body: comment.body,
      user: user(comment.author),
      url: `${api}/issues/comments/${comment.id}`,
      html_url: `${web}/pull/${comment.number}#issuecomment-${comment.id}`,
      issue_url: `${api}/issues/${comment.number}`,
      created_at: comment.createdAt,
      updated_at: comment.updatedAt,
    }),
    pull: (pull) => pullBase('pulls/list', pull),
    fullPull: (pull) => ({
      ...pullBase('pulls/get', pull),
      merged: pull.mergeCommit !== undefined,
      mergeable: pull.state === 'open' ? pull.testMerge !== undefined : null,
      mergeable_state: pull.testMerge === undefined ? 'dirty' : 'clean',
      merged_by: pull.mergeCommit ? user(pull.author) : null,
    }),
  };
}
