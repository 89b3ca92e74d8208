import { find, type Records, type TargetGroupRecord, type TargetRecord, values } from './records.ts';
import { Target } from './target.ts';

/** The registered targets of all groups. Registrations are durable, health is found out anew by every local cloud. */
export interface TargetPool {
  register(groupArn: string, id: string, port: number): void;
  /** Resolves when the target has been drained. */
  deregister(groupArn: string, id: string, port: number): Promise<void>;
  targets(groupArn: string): readonly Target[];
  /** The target for the next request; undefined when there is none that could answer. `tried` are left out. */
  choose(group: TargetGroupRecord, tried: ReadonlySet<Target>): Target | undefined;
  /** Takes up the registrations of the local cloud before. */
  restore(): void;
  close(): void;
}

/** A status that no target answers. */
const IMPOSSIBLE = '999';

export interface PoolOptions {
  /** Divides intervals and delays. */
  readonly speed: number;
  /** Names of groups whose health checks fail. */
  readonly failing: ReadonlySet<string>;
}

export function createTargetPool(records: Records, { speed, failing }: PoolOptions): TargetPool {
  const groups = new Map<string, Map<string, Target>>();
  const turns = new Map<string, number>();
  const of = (groupArn: string): Map<string, Target> => {
    const existing = groups.get(groupArn) ?? new Map<string, Target>();
    groups.set(groupArn, existing);
    return existing;
  };
  const settingsOf = (groupArn: string): TargetGroupRecord | undefined => {
    const group = records.targetGroups.get(groupArn);
    if (!group || !failing.has(group.name)) return group;
    return { ...group, healthCheck: { ...group.healthCheck, matcher: IMPOSSIBLE } };
  };
  const start = ({ groupArn, id, port = 0 }: TargetRecord): void => {
    const target = new Target(id, port);
    of(groupArn).set(targetKey(id, port), target);
    void target.watch(() => settingsOf(groupArn), speed);
  };
  return {
    register(groupArn, id, port) {
      const present = of(groupArn).get(targetKey(id, port));
      if (present && present.health.state !== 'draining') return;
      const record = { groupArn, id, port };
      records.targets.set(`${groupArn} ${targetKey(id, port)}`, record);
      start(record);
    },
    async deregister(groupArn, id, port) {
      const key = targetKey(id, port);
      records.targets.delete(`${groupArn} ${key}`);
      const target = of(groupArn).get(key);
      if (!target || target.health.state === 'draining') return;
      const delay = Number(
        find(records, 'targetGroups', groupArn).attributes['deregistration_delay.timeout_seconds'] ?? 300,
      );
      await target.drain(delay, speed);
      if (of(groupArn).get(key) === target) of(groupArn).delete(key);
    },
    targets: (groupArn) => [...of(groupArn).values()],
    choose(group, tried) {
      const candidates = serving([...of(group.arn).values()].filter((target) => !tried.has(target)));
      const turn = (turns.get(group.arn) ?? -1) + 1;
      turns.set(group.arn, turn);
      if (group.attributes['load_balancing.algorithm.type'] === 'least_outstanding_requests') {
        return candidates.toSorted((left, right) => left.inFlight - right.inFlight)[0];
      }
      return candidates[turn % candidates.length];
    },
    restore() {
      for (const record of values(records.targets)) start(record);
    },
    close() {
      for (const targets of groups.values()) for (const target of targets.values()) target.close();
      groups.clear();
    },
  };
}

export const targetKey = (id: string, port: number): string => `${id}:${port}`;

/**
 * Healthy targets; where every target is unhealthy an ALB fails open and uses them all. A target that has not yet passed its first checks never serves.
 */
function serving(targets: readonly Target[]): readonly Target[] {
  const healthy = targets.filter(({ health }) => health.state === 'healthy' || health.state === 'unavailable');
  if (healthy.length > 0) return healthy;
  const left = targets.filter(({ health }) => health.state !== 'draining');
  return left.every(({ health }) => health.state === 'unhealthy') ? left : [];
}
