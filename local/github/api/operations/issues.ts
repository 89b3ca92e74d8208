import { commentsOf } from '../../comments.ts';
import { knownIssue, listIssues, openIssue, updateIssue } from '../../issues.ts';
import type { Issue } from '../../types.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../server.ts';
import type { OperationContext } from './context.ts';

type Body = Readonly<Record<string, unknown>>;

/** Issues, and labels of issues and pull requests. */
export function issueOperations({ site, shapes, changes }: OperationContext): Handlers {
  const found = (parameters: Body) => knownIssue(site, Number(parameters['issue_number']));
  const shape = (issue: ReturnType<typeof knownIssue>) => shapes.issue(issue, commentsOf(site, issue.number).length);
  async function relabel(parameters: Body, labels: readonly string[]) {
    const issue = found(parameters);
    if ('head' in issue) await changes.label(issue.number, labels, 'workflow');
    else updateIssue(site, issue, { labels });
    return { status: 200, body: labels.map(shapes.label) };
  }
  return {
    'issues/get': ({ parameters }) => ({ status: 200, body: shape(found(parameters)) }),
    'issues/list-for-repo': ({ parameters }) => ({
      status: 200,
      body: listIssues(site, {
        state: String(parameters['state'] ?? 'open'),
        labels: String(parameters['labels'] ?? '')
          .split(',')
          .filter(Boolean),
      }).map(shape),
    }),
    'issues/create': ({ body, caller }) => {
      const issue = openIssue(site, {
        title: String(body['title']),
        body: String(body['body'] ?? ''),
        labels: labelsOf(body) ?? [],
        author: caller.login,
      });
      return { status: 201, body: shape(issue) };
    },
    'issues/update': ({ parameters, body }) => {
      const issue = found(parameters);
      if ('head' in issue) throw new Refusal(422, 'Pull requests are updated as pull requests here');
      return { status: 200, body: shape(updateIssue(site, issue, changeOf(body))) };
    },
    'issues/list-labels-on-issue': ({ parameters }) => ({
      status: 200,
      body: (found(parameters).labels ?? []).map(shapes.label),
    }),
    'issues/add-labels': ({ parameters, body }) =>
      relabel(parameters, [...new Set([...(found(parameters).labels ?? []), ...(labelsOf(body) ?? [])])]),
    'issues/remove-label': ({ parameters }) =>
      relabel(
        parameters,
        (found(parameters).labels ?? []).filter((label) => label !== parameters['name']),
      ),
  };
}

function changeOf(body: Body): Partial<Issue> {
  const labels = labelsOf(body);
  return {
    ...(typeof body['title'] === 'string' ? { title: body['title'] } : {}),
    ...(typeof body['body'] === 'string' ? { body: body['body'] } : {}),
    ...(body['state'] === 'open' || body['state'] === 'closed' ? { state: body['state'] } : {}),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** Labels are given by name, or as objects with a name. */
function labelsOf({ labels }: Body): string[] | undefined {
  if (!Array.isArray(labels)) return undefined;
  return labels.map((label: unknown) =>
    typeof label === 'object' && label !== null && 'name' in label ? String(label.name) : String(label),
  );
}
