import type { Answer } from './answer.ts';
import type { RoutedRequest } from './request.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments that start with a colon match anything: `/v2/models/:model`. */
  readonly path: string;
  /** `json`: the body has to be JSON. */
  readonly body?: 'json';
  /** Successful requests are not logged: health checks come every few seconds. */
  readonly quiet?: boolean;
  readonly handle: (request: RoutedRequest) => Answer | Promise<Answer>;
}

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

/** Finds the route of a request; HEAD is answered by GET's route. Earlier routes win. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const segments = decodeSegments(path);
  if (!segments) return { kind: 'none' };
  const wanted = method === 'HEAD' ? 'GET' : method;
  const allowed = new Set<string>();
  for (const route of routes) {
    const parameters = matchPath(route.path, segments);
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

function matchPath(pattern: string, segments: readonly string[]): Record<string, string> | undefined {
  const wanted = pattern.split('/');
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
