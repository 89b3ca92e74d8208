/**
 * An application: from a request to an answer, always. Mistakes of the caller become a 4xx with a reason; whatever a
 * handler throws becomes a 500, a log line and an error report.
 */
import type { Identity } from '../config.ts';
import type { Log } from '../log.ts';
import type { ErrorReporter } from '../sentry.ts';
import { uuidv7 } from '../uuid.ts';
import { type Answer, refuse } from './answer.ts';
import { parseJsonBody } from './body.ts';
import type { HttpRequest, RoutedRequest } from './request.ts';
import { createRequestLog } from './request-log.ts';
import { createRouter, type Route, type RouteMatch } from './router.ts';

export type App = (request: HttpRequest) => Promise<Answer>;

export interface AppOptions {
  readonly routes: readonly Route[];
  readonly identity: Identity;
  readonly log: Log;
  readonly reporter: ErrorReporter;
}

const REQUEST_ID = /^[\w.=:;-]{1,128}$/;

export function createApp({ routes, identity, log, reporter }: AppOptions): App {
  const match = createRouter(routes);
  const logRequest = createRequestLog(log);
  const always = {
    'x-slipway-release': identity.release,
    'x-slipway-environment': identity.environment,
    // Staging and previews are nobody's search result.
    ...(identity.environment === 'production' ? {} : { 'x-robots-tag': 'noindex, nofollow' }),
  };
  return async (request) => {
    const started = performance.now();
    const id = requestId(request);
    const { method, target } = request;
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const found = match(method, path);
    let answer: Answer;
    try {
      answer = await answerMatch(found, { id, path, request, search: mark < 0 ? '' : target.slice(mark + 1) });
    } catch (error) {
      log.error('request failed', { request: id, method, target, error });
      reporter.capture(error, { request: id, method, target });
      answer = refuse(500, `internal error; request id ${id}`);
    }
    const { status } = answer;
    if (found.kind !== 'found' || !found.route.quiet || status >= 400)
      logRequest({ id, method, path, status, milliseconds: performance.now() - started });
    return {
      ...answer,
      headers: { ...answer.headers, ...always, 'x-request-id': id },
    };
  };
}

interface Asked {
  readonly id: string;
  readonly path: string;
  readonly search: string;
  readonly request: HttpRequest;
}

function answerMatch(match: RouteMatch, { id, path, search, request }: Asked): Answer | Promise<Answer> {
  const { method, headers } = request;
  if (match.kind === 'none') return refuse(404, `there is nothing at ${path}`);
  if (match.kind === 'wrong-method') {
    const allow = match.allowed.join(', ');
    return refuse(405, `${path} takes ${allow}, not ${method}`, { allow });
  }
  const { route, parameters } = match;
  const body = readBody(route, request);
  if (!body.ok) return body.answer;
  const routed: RoutedRequest = { id, method, path, headers, parameters, body: body.value, query: EMPTY_QUERY };
  return route.handle(search === '' ? routed : { ...routed, query: new URLSearchParams(search) });
}

const EMPTY_QUERY = new URLSearchParams();

function readBody({ body: wanted }: Route, request: HttpRequest): ReturnType<typeof parseJsonBody> {
  if (wanted === 'json') return parseJsonBody(request);
  return { ok: true, value: wanted === 'bytes' ? request.body : undefined };
}

/** The load balancer's trace id makes one request findable in its access log and in ours. */
function requestId({ headers }: HttpRequest): string {
  const given = headers['x-request-id'] ?? headers['x-amzn-trace-id'];
  return given !== undefined && REQUEST_ID.test(given) ? given : uuidv7();
}
