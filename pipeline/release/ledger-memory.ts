import type { Control, Head, Ledger, Lock } from './ledger.ts';
import type { Release } from './types.ts';

interface Partition {
  control: Control;
  readonly releases: Map<string, Release>;
}

/** The ledger in memory, for tests. */
export function createMemoryLedger(): Ledger {
  const partitions = new Map<string, Partition>();
  const at = (environment: string): Partition => {
    const partition = partitions.get(environment) ?? { control: {}, releases: new Map() };
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
      if ((partition.control.head?.version ?? 0) !== from) return false;
      const head: Head = { release, commit, version: from + 1 };
      partition.control = { ...partition.control, head };
      return true;
    },
    dropHead: async (environment) => without(environment, 'head'),
    async acquireLock(environment, lock, now) {
      const partition = at(environment);
      const held = partition.control.lock;
      if (held !== undefined && held.expires > now) return { acquired: false, lock: held };
      partition.control = { ...partition.control, lock };
      return { acquired: true };
    },
    async renewLock(environment, token, expires) {
      const partition = at(environment);
      const held: Lock | undefined = partition.control.lock;
      if (held?.token !== token) return false;
      partition.control = { ...partition.control, lock: { ...held, expires } };
      return true;
    },
    async releaseLock(environment, token) {
      if (at(environment).control.lock?.token === token) without(environment, 'lock');
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
  };
}
