import { createHash } from 'node:crypto';
import { compareRoutes } from '../pipeline/manifest/routes.ts';

/**
 * Listener rules are asked in the order of their priorities, which are unique per listener (1 to 50,000), and staging's
 * listener also carries the previews:
 *
 * | from | to | |
 * |---|---|---|
 * | 1 | 45,000 | previews, 50 numbers each. The first of them is left free: a preview that sleeps has its one rule there |
 * | 45,001 | 46,792 | the environment itself, and what previews leave over |
 *
 * Within the last, a longer route gets a smaller number, and the place among routes of the same length comes from
 * the route's own hash, so that adding a service hardly ever moves another's rule (moving rules past each other fails
 * in the load balancer's API with PriorityInUse).
 */
const LONGEST = 127;
const PLACES = 7;
const ENVIRONMENT_START = 45_000;
const PREVIEW_SIZE = 50;

/** Priorities of a preview's rules; its place says where they begin. */
export function previewPriorities(place: number, count: number): readonly number[] {
  if (count >= PREVIEW_SIZE) throw new Error(`A preview can have ${PREVIEW_SIZE - 1} rules, not ${count}.`);
  const first = place * PREVIEW_SIZE + 2;
  if (first + count - 1 > ENVIRONMENT_START) throw new Error(`There is no place ${place} for a preview.`);
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Route -> priority, for all routes of one long-lived environment. */
export function environmentPriorities(routes: readonly string[]): ReadonlyMap<string, number> {
  const priorities = new Map<string, number>();
  const taken = new Set<number>();
  for (const route of [...routes].sort(compareRoutes)) {
    const place = placeOf(route, taken);
    taken.add(place);
    priorities.set(route, ENVIRONMENT_START + place);
  }
  return priorities;
}

/** Two tiers for each length: a path comes before the prefix of the same length (see compareRoutes). */
function placeOf(route: string, taken: ReadonlySet<number>): number {
  const prefix = route.endsWith('*');
  const length = prefix ? route.length - 1 : route.length;
  const first = ((LONGEST - length) * 2 + Number(prefix)) * PLACES + 1;
  const hash = createHash('sha256').update(route).digest().readUInt32BE();
  const places = Array.from({ length: PLACES }, (_, step) => first + ((hash + step) % PLACES));
  const free = places.find((one) => !taken.has(one));
  if (free === undefined)
    throw new Error(`More than ${PLACES} routes are as long as ${route}; change the length of one.`);
  return free;
}
