import type { Plan } from './plan.ts';

/** Service -> services of the plan that have to serve before it moves. */
export type Prerequisites = ReadonlyMap<string, readonly string[]>;

/**
 * The order that the manifests declare with `after`; the other way round for a rollback, where whoever depends on something goes back
 * first. A circle has no order, so what closes one is left out. Pure.
 */
export function prerequisites({ moves }: Pick<Plan, 'moves'>): Prerequisites {
  const isRollback = moves.length > 0 && moves.every(({ reasons }) => reasons.includes('rollback'));
  const names = new Set(moves.map(({ service }) => service));
  const before = new Map<string, string[]>([...names].map((name) => [name, []]));
  for (const { service, template } of moves) {
    for (const other of (template.after ?? []).filter((name) => names.has(name) && name !== service)) {
      const [first, second] = isRollback ? [service, other] : [other, service];
      if (!reaches(before, first, second)) before.get(second)?.push(first);
    }
  }
  return before;
}

/** Whether `service` has to wait for `other`, directly or not. */
function reaches(before: Prerequisites, service: string, other: string): boolean {
  const next = before.get(service) ?? [];
  return next.includes(other) || next.some((one) => reaches(before, one, other));
}
