/** Waiting requests of one lane, by tenant. A batch takes one of each tenant in turn, so that nobody waits behind a crowd of another's. */
import type { Waiting } from './waiting.ts';

export interface FairQueue {
  readonly rows: number;
  add(waiting: Waiting): void;
  /** Removes the next batch: at least one request, at most `maximumRows` rows unless a single request has more. */
  take(maximumRows: number): Waiting[];
}

export function createFairQueue(): FairQueue {
  // In the order in which tenants have their turn; one without requests is not in it.
  const tenants = new Map<string, Waiting[]>();
  let rows = 0;

  const take = (maximumRows: number): Waiting[] => {
    const batch: Waiting[] = [];
    let taken = 0;
    // A tenant that has more is put back at the end, where this very loop meets it again.
    for (const [tenant, line] of tenants) {
      const next = line[0] as Waiting;
      if (batch.length > 0 && (next.shape !== batch[0]?.shape || taken + next.rows > maximumRows)) continue;
      line.shift();
      tenants.delete(tenant);
      if (line.length > 0) tenants.set(tenant, line);
      batch.push(next);
      taken += next.rows;
      if (taken >= maximumRows) break;
    }
    rows -= taken;
    return batch;
  };

  return {
    get rows() {
      return rows;
    },
    add(waiting) {
      rows += waiting.rows;
      const line = tenants.get(waiting.tenant);
      if (line) line.push(waiting);
      else tenants.set(waiting.tenant, [waiting]);
    },
    take,
  };
}
