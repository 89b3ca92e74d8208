import type { Clock } from '../ports/clock.ts';
import { failed, type MoveResult, type Say } from './mover.ts';

export interface RolloutPace {
  /** Milliseconds between two looks at the start. */
  readonly pollMs: number;
  /** Milliseconds after which a rollout that is still moving has failed; time that it is told to bake comes on top. */
  readonly timeoutMs: number;
  /** Milliseconds that a service without a load balancer has to stay up; five seconds if absent. */
  readonly steadyMs?: number;
  /** Divides bake times; only the local cloud has one. */
  readonly speed?: number;
}

/** What one look at a service that moves came to. */
export type Look =
  | { readonly state: 'moving'; readonly detail: string }
  | { readonly state: 'done'; readonly revision: string }
  | { readonly state: 'failed'; readonly message: string };

const SLOWEST_MS = 10_000;

/** Milliseconds until the next look: the longer it takes, the less a second matters, but never more than ten. Pure. */
export const untilNextLook = (elapsedMs: number, pollMs: number): number =>
  Math.max(pollMs, Math.min(elapsedMs / 100, SLOWEST_MS));

export interface Following {
  readonly clock: Clock;
  readonly pace: RolloutPace;
  /** Milliseconds of waiting that belong to the rollout. */
  readonly bakeMs?: number;
  readonly signal: AbortSignal;
  readonly say: Say;
}

/** Looks again and again until a service has moved, cannot, or takes too long. */
export async function follow(look: () => Promise<Look>, following: Following): Promise<MoveResult> {
  const { clock, pace, bakeMs = 0, signal, say } = following;
  const started = clock.now();
  const limit = pace.timeoutMs + bakeMs;
  let detail = 'nothing was seen yet';
  while (clock.now() - started < limit) {
    const seen = await look();
    if (seen.state === 'failed') return failed({ message: seen.message });
    if (seen.state === 'done') return { ok: true, revision: seen.revision };
    if (seen.detail !== detail) say(seen.detail);
    detail = seen.detail;
    await clock.sleep(untilNextLook(clock.now() - started, pace.pollMs), signal);
  }
  return failed({ message: `not stable after ${Math.round(limit / 1000)} s: ${detail}` });
}
