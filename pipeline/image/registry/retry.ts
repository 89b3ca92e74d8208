import { setTimeout as delay } from 'node:timers/promises';
import { isTransient, RegistryError } from './errors.ts';

export interface RetryPolicy {
  /** How often something is tried in all. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubles from there. */
  readonly firstWait: number;
  /** No wait is longer, whatever the registry asks for. */
  readonly longestWait: number;
  sleep(milliseconds: number): Promise<unknown>;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 6,
  firstWait: 250,
  longestWait: 60_000,
  sleep: (time) => delay(time),
};

/** Runs `attempt` until it succeeds, fails for good, or has failed too often; then throws the last error. */
export async function withRetries<Value>(policy: RetryPolicy, attempt: () => Promise<Value>): Promise<Value> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error) || failures >= policy.attempts) throw error;
      await policy.sleep(waitBefore(failures, policy, error));
    }
  }
}

/** Exponential backoff with jitter, so that parallel uploads do not come back all at once; `Retry-After` wins when it is longer. */
export function waitBefore(failures: number, policy: RetryPolicy, error: unknown): number {
  const backoff = policy.firstWait * 2 ** (failures - 1) * (0.5 + Math.random() / 2);
  const asked = error instanceof RegistryError ? (error.retryAfterMilliseconds ?? 0) : 0;
  return Math.min(Math.max(backoff, asked), policy.longestWait);
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
