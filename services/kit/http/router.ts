import type { Answer } from './answer.ts';
import type { RoutedRequest } from './request.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments that start with a colon match anything: `/v2/models/:model`. */
  readonly path: string;
  /** `json`: the body has to be JSON. `bytes`: the handler reads it itself. */
  readonly body?: 'json' | 'bytes';
  /** Successful requests are not logged: health checks come every few seconds. */
  readonly quiet?: boolean;
  readonly handle: (request: RoutedRequest) => Answer | Promise<Answer>;
}

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

/** Finds the route of a request; HEAD is answered by GET's route. Earlier routes win. */
export type Router = (method: string, path: string) => RouteMatch;

/** Clients ask few different paths many times. What an attacker makes up is forgotten when there are this many. */
const REMEMBERED = 4096;

export function createRouter(routes: readonly Route[]): Router {
  const patterns = routes.map((route) => ({ route, parts: route.path.split('/') }));
  const remembered = new Map<string, RouteMatch>();
  return (method, path) => {
    const key = `${method} ${path}`;
    const known = remembered.get(key);
    if (known) return known;
    if (remembered.size >= REMEMBERED) remembered.clear();
    const match = matchRoute(patterns, method, path);
    remembered.set(key, match);
    return match;
  };
}

interface Pattern {
  readonly route: Route;
  readonly parts: readonly string[];
}

function matchRoute(patterns: readonly Pattern[], method: string, path: string): RouteMatch {
  const segments = decodeSegments(path);
  if (!segments) return { kind: 'none' };
  const wanted = method === 'HEAD' ? 'GET' : method;
  const allowed = new Set<string>();
  for (const { route, parts } of patterns) {
    const parameters = matchPath(parts, segments);
    if (!parameters) continue;
    if (route.method === wanted) return { kind: 'found', route, parameters };
    allowed.add(route.method);
  }
  return allowed.size > 0 ? { kind: 'wrong-method', allowed: [...allowed] } : { kind: 'none' };
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined; // "%zz" is no encoding of anything
  }
}

function matchPath(wanted: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) {
      if (segment === '') return undefined;
      parameters[part.slice(1)] = segment;
    } else if (part !== segment) return undefined;
  }
  return parameters;
}
