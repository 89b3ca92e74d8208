import type { ReleasePorts } from './ports.ts';

interface InLine {
  readonly environment: string;
  readonly commit: string;
  readonly holder: string;
}

/** Milliseconds that a place in the line outlives the last sign of life of whoever waits. */
const PATIENCE_MS = 30_000;

/**
 * A deployment that waits for the lock. It says which commit it brings, and gives way to a newer one that is live or waits too: only the
 * newest of those who wait gets its turn.
 */
export function waitInLine(
  { environment, commit, holder }: InLine,
  { ledger, history, clock, progress }: ReleasePorts,
) {
  const relations = new Map<string, boolean>();
  let waited = false;
  let by: string | undefined;

  /** Commits do not change how they relate, so each pair is asked once. Who cannot be asked does not hurry anybody. */
  async function isNewer(other: string): Promise<boolean> {
    const known = relations.get(other) ?? (await history.relation(commit, other).catch(() => 'unknown')) === 'ahead';
    relations.set(other, known);
    return known;
  }
  return {
    /** Resolves to why this deployment is not needed any more. */
    async overtaken(): Promise<string | undefined> {
      waited = true;
      const now = clock.now();
      const { head, queue } = await ledger.control(environment);
      const waiting = queue !== undefined && queue.expires > now ? queue.commit : undefined;
      for (const [other, what] of [
        [head?.commit, 'is live'],
        [waiting, 'waits too'],
      ] as const) {
        if (other === undefined || other === commit || !(await isNewer(other))) continue;
        by = other;
        const problem = `commit ${commit.slice(0, 7)} was superseded by ${other.slice(0, 7)}, which contains it and ${what}`;
        progress.line(problem);
        return problem;
      }
      await ledger.enqueue(environment, { commit, holder, expires: now + PATIENCE_MS }, now, waiting);
      return undefined;
    },
    by: () => by,
    waited: () => waited,
    async leave(): Promise<void> {
      if (waited) await ledger.dequeue(environment, commit);
    },
  };
}
