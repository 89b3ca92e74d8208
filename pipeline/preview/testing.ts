import type { GitHub, PullRequest } from '../ports/github.ts';
import { createWorld } from '../release/testing.ts';
import type { PreviewContext, PreviewPorts } from './ports.ts';

const PROJECT = {
  app: 'slipway',
  accountId: '000000000000',
  region: 'us-east-1',
  domain: 'example.test',
  urlPattern: 'https://{host}',
  repository: 'acme/app',
};

/** A pull request, its preview's account and GitHub, in memory. */
export function createPreviewWorld(number = 1) {
  const world = createWorld(`pr-${number}`);
  const pullRequests = new Map<number, PullRequest>([
    [number, { number, open: true, headCommit: 'c000001', title: 'Change' }],
  ]);
  const comments = new Map<string, string>();
  const deployments: string[] = [];
  const provisioned: string[] = [];
  const existing = new Set<number>();
  const stuck = new Set<number>();
  let provisionProblem: string | undefined;
  const github: GitHub = {
    relation: world.ports.history.relation,
    pullRequest: async (wanted) => pullRequests.get(wanted),
    async upsertComment(on, marker, body) {
      if (!body.includes(marker)) throw new Error('the comment does not carry its marker');
      comments.set(`${on} ${marker}`, body);
    },
    async startDeployment({ task, commit }) {
      deployments.push(`${task} ${commit} started`);
      return deployments.length;
    },
    async finishDeployment(_id, { state, url }) {
      deployments.push(`${state} ${url ?? ''}`.trim());
    },
    async retireDeployments(task) {
      deployments.push(`${task} inactive`);
    },
  };
  const ports: PreviewPorts = {
    ...world.ports,
    github,
    async provision({ number: preview, mode }) {
      provisioned.push(`${mode} ${preview}`);
      if (provisionProblem !== undefined) return provisionProblem;
      if (mode === 'apply') existing.add(preview);
      else if (!stuck.has(preview)) existing.delete(preview);
      return undefined;
    },
    inventory: {
      previews: async () => [...existing],
      leftovers: async (environment) =>
        existing.has(Number(environment.slice(3))) ? [`ECS service ${environment}-web`] : [],
      deleteUnmanaged: async () => undefined,
    },
  };
  const context: PreviewContext = { project: PROJECT, actor: 'ann', run: 'https://github.test/runs/1', expiryDays: 7 };
  return {
    world,
    pullRequests,
    comments,
    deployments,
    provisioned,
    existing,
    stuck,
    ports,
    context,
    failProvision: (problem: string) => {
      provisionProblem = problem;
    },
  };
}
