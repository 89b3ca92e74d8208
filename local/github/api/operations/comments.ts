import { addComment, commentsOf, knownComment, updateComment } from '../../comments.ts';
import { knownIssue } from '../../issues.ts';
import type { Handlers } from '../server.ts';
import type { OperationContext } from './context.ts';

/** Comments of issues and pull requests. */
export function commentOperations({ site, shapes }: OperationContext): Handlers {
  const numberOf = (parameters: Readonly<Record<string, unknown>>): number =>
    knownIssue(site, Number(parameters['issue_number'])).number;
  return {
    'issues/list-comments': ({ parameters }) => {
      const since = typeof parameters['since'] === 'string' ? parameters['since'] : '';
      const comments = commentsOf(site, numberOf(parameters)).filter(({ updatedAt }) => updatedAt >= since);
      return { status: 200, body: comments.map(shapes.comment) };
    },
    'issues/get-comment': ({ parameters }) => ({
      status: 200,
      body: shapes.comment(knownComment(site, Number(parameters['comment_id']))),
    }),
    'issues/create-comment': ({ parameters, body, caller }) => {
      const comment = addComment(site, {
        number: numberOf(parameters),
        body: String(body['body']),
        author: caller.login,
      });
      return { status: 201, body: shapes.comment(comment) };
    },
    'issues/update-comment': ({ parameters, body }) => ({
      status: 200,
      body: shapes.comment(updateComment(site, Number(parameters['comment_id']), String(body['body']))),
    }),
    'issues/delete-comment': ({ parameters }) => {
      const { id } = knownComment(site, Number(parameters['comment_id']));
      site.state.comments.delete(id);
      return { status: 204 };
    },
  };
}
