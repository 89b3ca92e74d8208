import type { ApprovalRequest, Control, Entry, Head, Ledger, Lock } from './ledger.ts';
import type { Release } from './types.ts';

interface Partition {
  control: Control;
  readonly releases: Map<string, Release>;
  readonly approvals: Map<string, ApprovalRequest>;
  readonly entries: Entry[];
}

/** The ledger in memory, for tests. */
export function createMemoryLedger(): Ledger {
  const partitions = new Map<string, Partition>();
  const at = (environment: string): Partition => {
    const partition = partitions.get(environment) ?? {
      control: {},
      releases: new Map(),
      approvals: new Map(),
      entries: [],
    };
    partitions.set(environment, partition);
    return partition;
  };
  const without = (environment: string, item: keyof Control): void => {
    const partition = at(environment);
    partition.control = Object.fromEntries(Object.entries(partition.control).filter(([name]) => name !== item));
  };
  return {
    control: async (environment) => at(environment).control,
    releases: async (environment, limit) =>
      [...at(environment).releases.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit),
    release: async (environment, id) => at(environment).releases.get(id),
    async saveRelease(release) {
      at(release.environment).releases.set(release.id, structuredClone(release));
    },
    async moveHead(environment, { from, release, commit }) {
      const partition = at(environment);
      const head: Head = { release, commit, version: from + 1 };
      const now = partition.control.head;
      if (now?.version === head.version && now.release === release && now.commit === commit) return true;
      if ((now?.version ?? 0) !== from) return false;
      partition.control = { ...partition.control, head };
      return true;
    },
    dropHead: async (environment) => without(environment, 'head'),
    async acquireLock(environment, lock, now, over) {
      const partition = at(environment);
      const held = partition.control.lock;
      if (held !== undefined && held.expires > now && ![over, lock.token].includes(held.token))
        return { acquired: false, lock: held };
      partition.control = { ...partition.control, lock };
      return { acquired: true };
    },
    async renewLock(environment, token, expires) {
      const partition = at(environment);
      const held: Lock | undefined = partition.control.lock;
      if (held?.token !== token) return undefined;
      const lock = { ...held, expires };
      partition.control = { ...partition.control, lock };
      return lock;
    },
    async askToStop(environment, token, request) {
      const partition = at(environment);
      const { lock } = partition.control;
      if (lock?.token !== token) return;
      partition.control = { ...partition.control, lock: { ...lock, asked: lock.asked ?? request } };
    },
    async releaseLock(environment, token) {
      if (at(environment).control.lock?.token === token) without(environment, 'lock');
    },
    async enqueue(environment, waiting, now, over) {
      const partition = at(environment);
      const { queue } = partition.control;
      const taken = queue !== undefined && queue.expires > now && ![waiting.commit, over].includes(queue.commit);
      if (!taken) partition.control = { ...partition.control, queue: waiting };
      return !taken;
    },
    async dequeue(environment, commit) {
      if (at(environment).control.queue?.commit === commit) without(environment, 'queue');
    },
    async freeze(environment, freeze) {
      const partition = at(environment);
      partition.control = { ...partition.control, freeze };
    },
    async resume(environment) {
      const { freeze } = at(environment).control;
      without(environment, 'freeze');
      return freeze;
    },
    async saveMigrations(environment, service, applied) {
      const partition = at(environment);
      const migrations = { ...partition.control.migrations, [service]: applied };
      partition.control = { ...partition.control, migrations };
    },
    async saveApprovalRequest(environment, request) {
      at(environment).approvals.set(request.commit, request);
    },
    approvalRequests: async (environment, prefix) =>
      [...at(environment).approvals.values()].filter(({ commit }) => commit.startsWith(prefix)),
    async record(entry) {
      at(entry.environment).entries.push(entry);
    },
    history: async (environment, limit) => at(environment).entries.toReversed().slice(0, limit),
  };
}
