/**
 * Routes are paths or prefixes that end with `*`, so which of two is more specific can always be decided: the longer literal
 * part wins, and at the same length the path without `*`. Load balancer priorities and the validation follow this one order.
 */

/** Sorts the most specific route first. */
export function compareRoutes(left: string, right: string): number {
  const byLength = literal(right).length - literal(left).length;
  if (byLength !== 0) return byLength;
  const byWildcard = Number(isPrefix(left)) - Number(isPrefix(right));
  return byWildcard !== 0 ? byWildcard : left < right ? -1 : Number(left > right);
}

/** True when every request that `inner` takes would be taken by `outer`, too. */
export function covers(outer: string, inner: string): boolean {
  return isPrefix(outer) ? literal(inner).startsWith(literal(outer)) : outer === inner;
}

/** The route among `routes` that takes a request for `path` (the query string does not count). */
export function routeOf(path: string, routes: readonly string[]): string | undefined {
  const [plain = ''] = path.split('?');
  return routes.filter((route) => covers(route, plain)).sort(compareRoutes)[0];
}

const isPrefix = (route: string): boolean => route.endsWith('*');
const literal = (route: string): string => (isPrefix(route) ? route.slice(0, -1) : route);
