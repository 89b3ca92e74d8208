import { getOctokit } from '@actions/github';
import type { OpenIssue } from '../drift/issues.ts';

/** DriftIssues of the repository, as far as they are kept by a workflow. */
export interface DriftIssues {
  open(label: string): Promise<readonly OpenIssue[]>;
  create(issue: { readonly title: string; readonly body: string; readonly label: string }): Promise<number>;
  update(number: number, body: string): Promise<void>;
  /** Closes with a last word. */
  close(number: number, comment: string): Promise<void>;
}

/** GitHub over REST; `GITHUB_API_URL` says where. `repository` is `owner/name`. */
export function createDriftIssues(token: string, repository: string): DriftIssues {
  const { rest, paginate } = getOctokit(token);
  const [owner = '', repo = ''] = repository.split('/');
  const at = { owner, repo };
  return {
    async open(labels) {
      const issues = await paginate(rest.issues.listForRepo, { ...at, state: 'open', labels, per_page: 100 });
      // GitHub lists pull requests as issues.
      return issues
        .filter(({ pull_request }) => pull_request === undefined)
        .map(({ number, body }) => ({ number, body: body ?? '' }));
    },
    async create({ title, body, label }) {
      return (await rest.issues.create({ ...at, title, body, labels: [label] })).data.number;
    },
    async update(issue_number, body) {
      await rest.issues.update({ ...at, issue_number, body });
    },
    async close(issue_number, body) {
      await rest.issues.createComment({ ...at, issue_number, body });
      await rest.issues.update({ ...at, issue_number, state: 'closed' });
    },
  };
}
