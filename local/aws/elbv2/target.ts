import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { DRAINING, type Health, NOTHING_LISTENS, nextHealth, probe, REGISTERED, UNCHECKED } from './health.ts';
import type { TargetGroupRecord } from './records.ts';

/** A request in flight keeps its draining target at least this long (ms) even where the declared delay is sped up. */
const REQUEST_GRACE = 10_000;
/** A new target is looked at no less often than this (ms), so that a program that is ready does not wait for the next check. */
const INITIAL_PAUSE = 100;
/** Programs start no faster here than on AWS: while nothing listens yet, a declared interval up to this long (ms) is not sped up. */
const REAL_START = 10_000;

/** One registered target while the local cloud runs: its health, its connections and the requests it is answering. */
export class Target {
  readonly id: string;
  readonly port: number;
  readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  health: Health = REGISTERED;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;
  readonly #end = new AbortController();

  constructor(id: string, port: number) {
    this.id = id;
    this.port = port;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Counts a request as in flight until the returned function is called; calling it again does nothing. */
  hold(): () => void {
    this.#inFlight += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle?.();
    };
  }

  /**
   * Checks the target at once and then at the group's interval until it is closed. `group` answers with the current settings. A new target is checked more
   * often, but its failures count only once per interval: it has the declared time to come up, and the time before its program listens is real time.
   */
  async watch(group: () => TargetGroupRecord | undefined, speed: number): Promise<void> {
    let lastFailure = Number.NEGATIVE_INFINITY;
    let listens = false;
    while (!this.#end.signal.aborted) {
      const settings = group();
      if (!settings) return;
      const interval = (settings.healthCheck.interval * 1000) / speed;
      if (settings.healthCheck.enabled) {
        const answer = await probe({ host: this.id, port: this.port }, settings.healthCheck);
        if (this.#end.signal.aborted) return;
        listens ||= answer.ok || answer.reason !== NOTHING_LISTENS;
        const patience = listens
          ? interval
          : Math.max(interval, Math.min(settings.healthCheck.interval * 1000, REAL_START));
        const early = this.health.state === 'initial' && Date.now() - lastFailure < patience;
        if (answer.ok || !early) this.health = nextHealth(this.health, answer, settings.healthCheck);
        if (!answer.ok && !early) lastFailure = Date.now();
      } else if (this.health.state !== 'draining') this.health = UNCHECKED;
      await this.#pause(this.health.state === 'initial' ? Math.min(interval, INITIAL_PAUSE) : interval);
    }
  }

  /**
   * Lets the requests in flight end and then closes the connections: at once when there are none, at the latest after the
   * declared delay (seconds, sped up, but never less than the grace for requests).
   */
  async drain(delay: number, speed: number): Promise<void> {
    this.health = DRAINING;
    const limit = Math.max((delay * 1000) / speed, Math.min(delay * 1000, REQUEST_GRACE));
    if (this.#inFlight > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await Promise.race([idle, this.#pause(limit)]);
    }
    this.close();
  }

  close(): void {
    this.#end.abort();
    this.agent.destroy();
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#end.signal, ref: false }).catch(() => undefined);
  }
}
