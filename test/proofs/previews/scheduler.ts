/** A run of a workflow: it takes a step when the scheduler lets it, and a killed one never takes another. */
export interface Run {
  readonly name: string;
  readonly pullRequest?: number;
  alive: boolean;
  done: boolean;
}

interface Waiting {
  readonly run: Run;
  readonly go: () => void;
}

/**
 * Interleaves runs at every call that they make to the outside, in an order that a seed decides. Time passes only when somebody sleeps or an
 * event says so; leases of living runs are renewed meanwhile, those of killed ones are not.
 */
export function createScheduler(seed: number) {
  let state = seed >>> 0 || 1;
  let waiting: Waiting[] = [];
  const renewals = new Set<{ readonly run: Run; readonly every: number; next: number; readonly work: () => unknown }>();
  const runs = new Set<Run>();
  let time = Date.parse('2026-01-01T00:00:00.000Z');
  let activity = 0;
  let steps = 0;
  /** What runs threw: the recipes never do. */
  const failures: unknown[] = [];

  /** Xorshift: the same seed, the same story. */
  const random = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };

  /** Lets everything that is not waiting for us come to rest. */
  async function settle(): Promise<void> {
    for (let seen = -1; seen !== activity; ) {
      seen = activity;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function advance(milliseconds: number): Promise<void> {
    const end = time + milliseconds;
    for (;;) {
      const due = [...renewals]
        .filter(({ run, next }) => run.alive && !run.done && next <= end)
        .sort((a, b) => a.next - b.next)[0];
      if (due === undefined) break;
      time = Math.max(time, due.next);
      due.next += due.every;
      // It takes its turn like every other call.
      void due.work();
    }
    time = end;
  }

  return {
    random,
    advance,
    now: () => ++time,
    steps: () => steps,
    running: () => [...runs],
    /** The one moment at which others get their turn. */
    turn,
    clock: (run: Run) => ({
      now: () => ++time,
      async sleep(milliseconds: number) {
        await advance(milliseconds);
        await turn(run);
      },
      every(every: number, work: () => unknown) {
        const renewal = { run, every, next: time + every, work };
        renewals.add(renewal);
        return () => void renewals.delete(renewal);
      },
    }),
    start(name: string, work: (run: Run) => Promise<unknown>, pullRequest?: number): Run {
      const run: Run = { name, alive: true, done: false, ...(pullRequest === undefined ? {} : { pullRequest }) };
      runs.add(run);
      work(run).then(
        () => finish(run),
        (error: unknown) => {
          finish(run);
          failures.push(error);
        },
      );
      return run;
    },
    kill(run: Run): void {
      run.alive = false;
      waiting = waiting.filter((one) => one.run !== run);
      for (const renewal of renewals) if (renewal.run === run) renewals.delete(renewal);
      runs.delete(run);
    },
    /** Lets some run take one step; false when nobody waits. */
    async step(): Promise<boolean> {
      await settle();
      const index = waiting.length === 0 ? -1 : random(waiting.length);
      const [chosen] = index < 0 ? [] : waiting.splice(index, 1);
      if (chosen === undefined) return false;
      steps++;
      chosen.go();
      await settle();
      return true;
    },
    failures,
  };

  function turn(run: Run): Promise<void> {
    activity++;
    return new Promise((resolve) => waiting.push({ run, go: resolve }));
  }

  function finish(run: Run): void {
    activity++;
    run.done = true;
    runs.delete(run);
  }
}

export type Scheduler = ReturnType<typeof createScheduler>;
