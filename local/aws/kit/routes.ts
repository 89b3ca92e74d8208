import type { OperationModel, ServiceModel } from './model.ts';
import type { AwsRequest } from './request.ts';
import { requiredMembers } from './required.ts';

interface Route {
  readonly operation: OperationModel;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  /** Query parameters that must be there; a value only where the model fixes one. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: readonly string[];
}

export interface RouteMatch {
  readonly operation: OperationModel;
  /** Path labels, decoded. */
  readonly labels: Readonly<Record<string, string>>;
}

const tables = new WeakMap<ServiceModel, readonly Route[]>();

/**
 * Finds the operation of a REST request among *all* operations of the service, served or not, most specific first. An operation
 * that is not served can so be refused by name and is never mistaken for a more general one.
 */
export function matchRoute(service: ServiceModel, request: AwsRequest): RouteMatch | undefined {
  let table = tables.get(service);
  if (!table) {
    table = routes(service);
    tables.set(service, table);
  }
  for (const route of table) {
    const match = accepts(route, request) ? route.pattern.exec(request.path) : null;
    if (match) return { operation: route.operation, labels: decodeLabels(route.labels, match) };
  }
  return undefined;
}

function accepts(route: Route, request: AwsRequest): boolean {
  return (
    route.method === request.method &&
    route.query.every(([name, value]) => request.query.has(name) && (!value || request.query.get(name) === value)) &&
    route.headers.every((name) => request.headers[name] !== undefined)
  );
}

function decodeLabels(labels: readonly string[], match: RegExpExecArray): Readonly<Record<string, string>> {
  return Object.fromEntries(labels.map((label, index) => [label, decode(match[index + 1] ?? '')]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function routes(service: ServiceModel): readonly Route[] {
  const all = [...service.operations.values()].flatMap((operation) => (operation.http ? [route(operation)] : []));
  return all.toSorted((a, b) => specificity(b) - specificity(a));
}

function specificity(candidate: Route): number {
  return (candidate.query.length + candidate.headers.length) * 100 - candidate.labels.length;
}

function route(operation: OperationModel): Route {
  const { method, path, query } = operation.http ?? { method: '', path: '', query: [] };
  const required = requiredMembers(operation.input).map((name) =>
    operation.input.getMemberSchema(name).getMergedTraits(),
  );
  const requiredQuery = required.flatMap(({ httpQuery }) => (httpQuery ? [[httpQuery, ''] as const] : []));
  // The one operation that only a header tells from another (CopyObject from PutObject).
  const copies = required.some(({ httpHeader }) => httpHeader === 'x-amz-copy-source');
  return {
    operation,
    method,
    ...pathPattern(path),
    query: [...query, ...requiredQuery],
    headers: copies ? ['x-amz-copy-source'] : [],
  };
}

function pathPattern(path: string): { pattern: RegExp; labels: string[] } {
  const labels: string[] = [];
  const segments = path.split('/').map((segment) => {
    const [, label, greedy] = /^\{(\w+)(\+)?\}$/.exec(segment) ?? [];
    if (!label) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    labels.push(label);
    return greedy ? '(.+)' : '([^/]+)';
  });
  return { pattern: new RegExp(`^${segments.join('/').replace(/\/$/, '')}/?$`), labels };
}
