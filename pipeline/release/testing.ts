import type { Relation } from '../ports/history.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import type { Announcement } from '../ports/tracker.ts';
import { createMovers } from '../rollout/movers.ts';
import { type DeployRequest, deploy } from './deploy.ts';
import { dryRunDeployment, dryRunRollback } from './dry-run.ts';
import { createMemoryLedger } from './ledger-memory.ts';
import type { TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { rollback } from './rollback.ts';
import type { RollbackRequest } from './rollback-plan.ts';
import type { Template } from './template.ts';
import { FakeClock } from './testing-clock.ts';
import { type Behaviour, FakeEcs } from './testing-ecs.ts';
import { FakeInspect, FakeTasks } from './testing-inspect.ts';
import { FakeLambda } from './testing-lambda.ts';
import { makeTemplate } from './testing-template.ts';

const PROJECT = { domain: 'example.test', urlPattern: 'https://{host}' };
/** A provisioned account in memory: `web` and `api` behind the load balancer, the function `scorer`, the job `batch`. */
export function createWorld(environment = 'staging') {
  const behaviours = new Map<string, Behaviour>();
  const behaviourOf = (digest: string): Behaviour => behaviours.get(digest) ?? 'answers';
  const clock = new FakeClock();
  const ecs = new FakeEcs(behaviourOf);
  const lambda = new FakeLambda();
  const ledger = createMemoryLedger();
  const missingImages = new Set<string>();
  const inspect = new FakeInspect(missingImages, ecs);
  const tasks = new FakeTasks();
  const tags = new Map<string, string>();
  const announcements: Announcement[] = [];
  const lines: string[] = [];
  /** Newest last: what main looks like. */
  const commits: string[] = [];
  let variant = 'first';
  let only: readonly string[] = [];
  let adjust = (made: Template): Template => made;
  for (const service of ['web', 'api']) ecs.createService(`${environment}-${service}`);

  const digestOf = (image: string): string => image.split('@')[1] ?? '';
  const serving = () => ({
    web: digestOf(ecs.runningImage(`${environment}-web`)),
    api: digestOf(ecs.runningImage(`${environment}-api`)),
    scorer: digestOf(lambda.image()),
    batch: digestOf(
      [...ecs.definitions]
        .filter(([arn]) => arn.includes(`/${environment}-batch:`))
        .map(([arn]) => ecs.image(arn))
        .at(-1) ?? '',
    ),
  });
  /** What the models of an image answer; those of any other answer 1. */
  const predictions = new Map<string, number | null | 'unknown'>();
  function predict(digest: string): HttpResponse {
    const value = predictions.has(digest) ? predictions.get(digest) : 1;
    if (value === 'unknown') return { status: 404, body: 'there is no such model' };
    const outputs = [{ name: 'y', datatype: 'FP32', shape: [1], data: [value] }];
    return { status: 200, body: JSON.stringify({ model_name: 'm', outputs }) };
  }
  async function send({ url }: HttpRequest): Promise<HttpResponse> {
    const [service, model] = new URL(url).pathname.slice(1).split('/') as [
      'web' | 'api' | 'scorer',
      string | undefined,
    ];
    if (model !== undefined) return predict(serving()[service]);
    const wrong = behaviourOf(serving()[service]) === 'answers wrongly';
    return { status: 200, body: JSON.stringify({ answer: wrong ? 41 : 42 }) };
  }
  function templates(): TemplatesByService {
    const kinds = { web: 'web', api: 'web', scorer: 'function', batch: 'job' } as const;
    return Object.fromEntries(
      Object.entries(kinds).map(([service, kind]) => [
        service,
        {
          template: adjust(makeTemplate({ environment, service, kind, variant })),
          version: `${service}-${only.length === 0 || only.includes(service) ? variant : 'first'}`,
        },
      ]),
    );
  }
  const observe = {
    targetHealth: async () => [1, 2].map((n) => ({ target: `10.0.0.${n}:8080`, state: 'healthy', reason: '' })),
    invocations: async () => ({ invocations: 0, errors: 0 }),
    lastLogLines: async () => ['starting', 'Error: model not found'],
  };
  const ports: ReleasePorts = {
    ledger,
    clock,
    send,
    templates: { load: async () => templates() },
    images: { exists: async (_url, digest) => !missingImages.has(digest) },
    inspect,
    tasks,
    observe,
    moverFor: createMovers({ ecs, lambda, observe, send, clock, pace: { pollMs: 250, timeoutMs: 60_000 } }),
    history: {
      async relation(base, commit): Promise<Relation> {
        const [from, to] = [commits.indexOf(base), commits.indexOf(commit)];
        if (from < 0 || to < 0) return 'unknown';
        return from === to ? 'identical' : from < to ? 'ahead' : 'behind';
      },
      commitOf: async (ref) => tags.get(ref),
    },
    tracker: {
      async announce(announcement) {
        announcements.push(announcement);
        return undefined;
      },
    },
    progress: { phase: (name) => lines.push(`# ${name}`), line: (text) => lines.push(text) },
  };
  const images = (digests: Partial<Record<'web' | 'api' | 'scorer' | 'batch', string>>) =>
    Object.fromEntries(
      Object.entries({ web: 'w1', api: 'a1', scorer: 's1', batch: 'b1', ...digests }).map(([service, digest]) => [
        service,
        { digest: `sha256:${digest}`, tag: `sha-${digest}`, key: digest, changed: true, bytesPushed: 0, seconds: 0 },
      ]),
    );
  return {
    behaviours,
    clock,
    ecs,
    lambda,
    ledger,
    missingImages,
    inspect,
    tasks,
    tags,
    announcements,
    predictions,
    lines,
    commits,
    ports,
    serving,
    images,
    /** What Terraform publishes from now on. */
    changeTemplates: (next: string, change?: (made: Template) => Template) => {
      variant = next;
      adjust = change ?? adjust;
    },
    /** Terraform publishes changes of these services alone. */
    onlyTemplatesOf: (...services: readonly string[]) => {
      only = services;
    },
    /** All that can be changed, for tests that nothing is. */
    everything: async () =>
      JSON.stringify({
        services: [...ecs.services].map(([name, { desired, current }]) => [name, desired, current.taskDefinition]),
        definitions: [...ecs.definitions, ...ecs.inactive],
        functions: [lambda.images, lambda.live],
        control: await ledger.control(environment),
        releases: await ledger.releases(environment, 100),
        history: await ledger.history(environment, 100),
        calls: [ecs.updates, tasks.ran.length, announcements.length],
      }),
    /** Lets time pass until something is so. */
    async until(condition: () => Promise<boolean>): Promise<void> {
      for (let looks = 0; !(await condition()); looks++) {
        if (looks > 1000) throw new Error('it never came to be');
        await clock.sleep(10);
      }
    },
    async dryRunDeploy(commit: string, digests: Parameters<typeof images>[0] = {}) {
      if (!commits.includes(commit)) commits.push(commit);
      const request = { project: PROJECT, environment, commit, actor: 'ann', reason: 'merge' };
      return dryRunDeployment({ ...request, images: images(digests) }, ports);
    },
    dryRunRollback: (target: string) =>
      dryRunRollback({ project: PROJECT, environment, target, actor: 'ann', reason: 'bad answers' }, ports),
    /** Deploys the next commit of main. */
    async deploy(commit: string, digests: Parameters<typeof images>[0] = {}, more: Partial<DeployRequest> = {}) {
      if (!commits.includes(commit)) commits.push(commit);
      const request = { project: PROJECT, environment, commit, actor: 'ann', reason: 'merge', lockWaitMs: 0 };
      return deploy({ ...request, images: images(digests), ...more }, ports);
    },
    async rollback(target = '', more: Partial<RollbackRequest> = {}) {
      const request = { project: PROJECT, environment, target, actor: 'ann', reason: 'bad answers', lockWaitMs: 0 };
      return rollback({ ...request, ...more }, ports);
    },
  };
}

export type World = ReturnType<typeof createWorld>;
