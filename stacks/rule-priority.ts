import { createHash } from 'node:crypto';
import { PREVIEW_PATTERN } from '../pipeline/manifest/names.ts';
import { compareRoutes } from '../pipeline/manifest/routes.ts';

/**
 * Listener rules are asked in the order of their priorities, which are unique per listener (1 to 50,000), and staging's
 * listener also carries the previews.
 *
 * A long-lived environment has 1 to 1792: a longer route gets a smaller number, and the place among routes of the same length comes from
 * the route's own hash, so that adding a service hardly ever moves another's rule (moving rules past each other fails
 * in the load balancer's API with PriorityInUse). Previews are short-lived: 50 numbers each, in the order of their routes.
 */
const LONGEST = 127;
const PLACES = 7;
const PREVIEWS_START = 2000;
const PREVIEW_SIZE = 50;
const PREVIEW_COUNT = (50_000 - PREVIEWS_START) / PREVIEW_SIZE;

/** Route -> priority, for all routes of one environment. */
export function rulePriorities(environment: string, routes: readonly string[]): ReadonlyMap<string, number> {
  const preview = PREVIEW_PATTERN.exec(environment)?.[1];
  const sorted = [...routes].sort(compareRoutes);
  if (preview === undefined) return byLength(sorted);
  if (sorted.length > PREVIEW_SIZE) throw new Error(`A preview can have ${PREVIEW_SIZE} routes, not ${sorted.length}.`);
  const start = PREVIEWS_START + (Number(preview) % PREVIEW_COUNT) * PREVIEW_SIZE;
  return new Map(sorted.map((route, index) => [route, start + index + 1]));
}

function byLength(routes: readonly string[]): Map<string, number> {
  const priorities = new Map<string, number>();
  const taken = new Set<number>();
  for (const route of routes) {
    const priority = place(route, taken);
    taken.add(priority);
    priorities.set(route, priority);
  }
  return priorities;
}

/** Two tiers for each length: a path comes before the prefix of the same length (see compareRoutes). */
function place(route: string, taken: ReadonlySet<number>): number {
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
