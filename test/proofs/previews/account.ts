import type { PullRequest } from '../../../pipeline/ports/github.ts';
import { type PreviewPorts, previewEnvironment } from '../../../pipeline/preview/ports.ts';
import { createMemoryDocuments } from '../../../pipeline/preview/testing.ts';
import { createMemoryLedger } from '../../../pipeline/release/ledger-memory.ts';
import { createWorld } from '../../../pipeline/release/testing.ts';
import type { Run, Scheduler } from './scheduler.ts';

/** What a stack of a preview is made of here; Terraform makes and destroys one after the other. */
const RESOURCES = ['log group', 'role', 'target group', 'rule', 'service', 'template'] as const;

interface Comment {
  readonly id: number;
  body: string;
}

/** GitHub, the account and Terraform's states: everything that outlives a run. */
export function createAccount(scheduler: Scheduler) {
  const violations: string[] = [];
  const pullRequests = new Map<number, PullRequest>();
  const comments = new Map<number, Comment[]>();
  const deployments = new Map<number, { task: string; active: boolean }>();
  const existing = new Map<string, Set<string>>();
  /** What Terraform remembers; a run that is killed may have made more than it could write down. */
  const states = new Map<string, Set<string>>();
  const covered = new Set<number>();
  const running = new Set<number>();
  const atWork = new Map<number, Run>();
  const visits = new Map<string, number>();
  const documents = createMemoryDocuments();
  const ledger = createMemoryLedger();
  const worlds = new Map<number, ReturnType<typeof createWorld>>();
  let ids = 0;

  const has = (environment: string): Set<string> => {
    const found = existing.get(environment) ?? new Set<string>();
    existing.set(environment, found);
    return found;
  };
  const worldOf = (number: number) => {
    const world = worlds.get(number) ?? createWorld(previewEnvironment(number));
    worlds.set(number, world);
    return world;
  };

  /** The outside as one run meets it: every call is a moment at which others may act, or it may die. */
  function portsFor(run: Run, number: number): PreviewPorts {
    const turn = () => scheduler.turn(run);
    const world = worldOf(number);
    const slow = <Port extends object>(port: Port): Port =>
      new Proxy(port, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== 'function') return method;
          return async (...args: unknown[]) => {
            await turn();
            return method.apply(target, args);
          };
        },
      });
    const { moverFor, templates } = world.ports;
    return {
      ...world.ports,
      templates,
      moverFor,
      ledger: slow(ledger),
      documents: slow(documents),
      clock: scheduler.clock(run),
      github: slow({
        relation: async () => 'ahead' as const,
        commitOf: async (ref: string) => ref,
        pullRequest: async (wanted: number) => pullRequests.get(wanted),
        mayWrite: async (login: string) => login === 'writer',
        addLabel: async () => undefined,
        removeLabel: async (on: number, label: string) => {
          const known = pullRequests.get(on);
          if (known) pullRequests.set(on, { ...known, labels: (known.labels ?? []).filter((one) => one !== label) });
        },
        dispatch: async () => undefined,
        async upsertComment(on: number, marker: string, body: string) {
          const all = comments.get(on) ?? [];
          comments.set(on, all);
          const [ours] = all.filter((comment) => comment.body.startsWith(marker));
          // As on GitHub: between looking and writing, others may write.
          await turn();
          if (ours === undefined) all.push({ id: ids++, body });
          else ours.body = body;
        },
        async startDeployment({ task }: { task: string }) {
          deployments.set(++ids, { task, active: true });
          return ids;
        },
        async finishDeployment(id: number, { state }: { state: string }) {
          const known = deployments.get(id);
          if (known && state !== 'success') known.active = false;
        },
        async retireDeployments(task: string) {
          for (const deployment of deployments.values()) if (deployment.task === task) deployment.active = false;
        },
      }),
      async provision({ number: of, mode }) {
        const other = atWork.get(of);
        if (other?.alive && !other.done && other !== run)
          violations.push(`${run.name} and ${other.name} run Terraform on one state`);
        atWork.set(of, run);
        const environment = previewEnvironment(of);
        const state = states.get(environment) ?? new Set<string>();
        states.set(environment, state);
        if (mode === 'apply') await apply(environment, state, turn);
        else await destroy(environment, state, turn);
        atWork.delete(of);
        return undefined;
      },
      inventory: slow({
        previews: async () => [
          ...new Set(
            [...existing, ...states]
              .filter(([, set]) => set.size > 0)
              .map(([environment]) => Number(environment.slice(3))),
          ),
        ],
        leftovers: async (environment: string) => [...has(environment)],
        deleteUnmanaged: async (environment: string) => void covered.delete(Number(environment.slice(3))),
        async deleteAll(environment: string) {
          has(environment).clear();
          states.delete(environment);
          running.delete(Number(environment.slice(3)));
        },
      }),
      power: slow({
        async cover(of: number) {
          covered.add(of);
          return undefined;
        },
        uncover: async (of: number) => void covered.delete(of),
        stop: async (of: number) => void running.delete(of),
        async start(of: number) {
          if (has(previewEnvironment(of)).has('service')) running.add(of);
        },
        ready: async (of: number) => running.has(of) || !has(previewEnvironment(of)).has('service'),
      }),
      visits: slow({
        last: async (environment: string, since: number) => {
          const last = visits.get(environment) ?? 0;
          return last > since ? last : undefined;
        },
      }),
      predictions: async () => undefined,
      seedTables: async () => 0,
    };
  }

  async function apply(environment: string, state: Set<string>, turn: () => Promise<void>): Promise<void> {
    for (const resource of RESOURCES) {
      if (has(environment).has(resource)) continue;
      has(environment).add(resource);
      // Killed here, the resource exists and no state knows it.
      await turn();
      state.add(resource);
    }
    running.add(Number(environment.slice(3)));
  }

  async function destroy(environment: string, state: Set<string>, turn: () => Promise<void>): Promise<void> {
    for (const resource of [...RESOURCES].reverse()) {
      if (!state.has(resource)) continue;
      has(environment).delete(resource);
      if (resource === 'service') running.delete(Number(environment.slice(3)));
      await turn();
      state.delete(resource);
    }
    states.delete(environment);
  }

  return {
    ...{
      violations,
      pullRequests,
      comments,
      deployments,
      existing,
      states,
      covered,
      running,
      visits,
      documents,
      ledger,
    },
    portsFor,
    worldOf,
  };
}

export type Account = ReturnType<typeof createAccount>;
