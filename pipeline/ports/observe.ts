export interface TargetHealth {
  readonly target: string;
  /** initial, healthy, unhealthy, draining, unused or unavailable. */
  readonly state: string;
  readonly reason: string;
}

/** What a rollout looks at to say why it failed. */
export interface Observe {
  targetHealth(targetGroupArn: string): Promise<readonly TargetHealth[]>;
  /** Invocations of one version through an alias since a time (ms since the epoch), and how many of them failed. */
  invocations(request: {
    functionName: string;
    alias: string;
    version: string;
    since: number;
  }): Promise<{ readonly invocations: number; readonly errors: number }>;
  /** The last lines of a log stream, oldest first; of the newest stream whose name starts with `streamPrefix`. */
  lastLogLines(request: { group: string; streamPrefix: string; lines: number }): Promise<readonly string[]>;
}
