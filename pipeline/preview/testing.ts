import type { GitHub, PullRequest } from '../ports/github.ts';
import { createWorld } from '../release/testing.ts';
import type { Documents, PreviewContext, PreviewManifest, PreviewPorts } from './ports.ts';
import { readRecord } from './record.ts';

const PROJECT = {
  app: 'slipway',
  accountId: '000000000000',
  region: 'us-east-1',
  domain: 'example.test',
  urlPattern: 'https://{host}',
  repository: 'acme/app',
};

/** The services of `createWorld`. */
export const MANIFESTS: readonly PreviewManifest[] = [
  { name: 'web', kind: 'web', cpu: 256, memory: 512, routes: ['/*'] },
  { name: 'api', kind: 'web', cpu: 256, memory: 512, routes: ['/api/*'] },
  { name: 'scorer', kind: 'function', memory: 512, routes: ['/score'] },
  { name: 'batch', kind: 'job', cpu: 256, memory: 512 },
];

export function createMemoryDocuments(): Documents & {
  readonly all: Map<string, { version: number; value: unknown }>;
} {
  const all = new Map<string, { version: number; value: unknown }>();
  const key = (environment: string, item: string) => `${environment} ${item}`;
  return {
    all,
    read: async <Value>(environment: string, item: string) =>
      all.get(key(environment, item)) as { version: number; value: Value } | undefined,
    async write(environment, item, { from, value }) {
      if ((all.get(key(environment, item))?.version ?? 0) !== from) return false;
      all.set(key(environment, item), { version: from + 1, value });
      return true;
    },
    async remove(environment, item) {
      all.delete(key(environment, item));
    },
  };
}

/** A pull request, its preview's account and GitHub, in memory. */
export function createPreviewWorld(number = 1) {
  const world = createWorld(`pr-${number}`);
  const documents = createMemoryDocuments();
  const pullRequests = new Map<number, PullRequest>([
    [number, { number, open: true, headCommit: 'c000001', title: 'Change', fork: false, labels: [] }],
  ]);
  const comments = new Map<string, string>();
  const deployments: string[] = [];
  const provisioned: string[] = [];
  const power: string[] = [];
  const existing = new Set<number>();
  const stuck = new Set<number>();
  const labels: string[] = [];
  const dispatched: unknown[] = [];
  const writers = new Set(['ann']);
  let provisionProblem: string | undefined;
  let visit: number | undefined;
  let noRoomToSleep: string | undefined;
  const github: GitHub = {
    relation: world.ports.history.relation,
    commitOf: async (ref) => ref,
    pullRequest: async (wanted) => pullRequests.get(wanted),
    mayWrite: async (login) => writers.has(login),
    addLabel: async (on, label) => void labels.push(`${on} +${label}`),
    removeLabel: async (on, label) => void labels.push(`${on} -${label}`),
    dispatch: async (workflow, inputs) => void dispatched.push({ workflow, ...inputs }),
    async upsertComment(on, marker, body) {
      if (!body.startsWith(marker)) throw new Error('the comment does not begin with its marker');
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
    documents,
    async provision({ number: preview, mode, services }) {
      provisioned.push(mode === 'apply' ? `apply ${preview} ${services.join(',')}` : `destroy ${preview}`);
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
      deleteAll: async () => undefined,
    },
    power: {
      async cover(preview, place) {
        power.push(`cover ${preview} at ${place}`);
        return noRoomToSleep;
      },
      uncover: async (preview) => void power.push(`uncover ${preview}`),
      stop: async (preview) => void power.push(`stop ${preview}`),
      start: async (preview) => void power.push(`start ${preview}`),
      ready: async () => power.filter((line) => line.startsWith('start')).length > 0,
    },
    visits: { last: async (_environment, since) => (visit !== undefined && visit > since ? visit : undefined) },
    predictions: async () => '#### Predictions: unchanged',
    seedTables: async () => 0,
  };
  const context: PreviewContext = { project: PROJECT, actor: 'ann', run: 'https://github.test/runs/1', expiryDays: 7 };
  return {
    world,
    pullRequests,
    comments,
    deployments,
    provisioned,
    power,
    existing,
    stuck,
    labels,
    dispatched,
    documents,
    ports,
    context,
    comment: () => [...comments.values()][0] ?? '',
    record: async () => (await readRecord(number, documents))?.value,
    failProvision: (problem: string) => {
      provisionProblem = problem;
    },
    visitAt: (time: number) => {
      visit = time;
    },
    refuseSleep: (problem: string) => {
      noRoomToSleep = problem;
    },
  };
}
