import type { Registry } from '../../local/registry/registry.ts';

/** Counts what clients send to a registry. */
export interface Meter {
  /** Bytes sent since the last call. */
  take(): number;
}

/** The registry counts by itself: a door in front of it would cost each request a way through this process. */
export function createMeter(registry: Pick<Registry, 'received'>): Meter {
  let before = registry.received();
  return {
    take() {
      const now = registry.received();
      const taken = now - before;
      before = now;
      return taken;
    },
  };
}
