import type { Clock } from '../ports/clock.ts';

/** A clock on which waiting takes no time. */
export class FakeClock implements Clock {
  time = Date.parse('2026-01-01T00:00:00.000Z');
  now(): number {
    // Every look at the clock takes a millisecond, so that releases never share an id.
    this.time += 1;
    return this.time;
  }
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.time += milliseconds;
    for (const timer of this.#timers) {
      if (timer.due > this.time) continue;
      timer.due = this.time + timer.milliseconds;
      timer.action();
    }
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  /** Runs that live renew their locks; without this every run looks dead once its lease is over. */
  alive = false;
  readonly #timers = new Set<{ due: number; readonly milliseconds: number; readonly action: () => void }>();
  every(milliseconds: number, action: () => void): () => void {
    const timer = { due: this.time + milliseconds, milliseconds, action };
    if (this.alive) this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}
