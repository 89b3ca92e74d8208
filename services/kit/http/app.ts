/**
 * An application: from a request to an answer, always. Mistakes of the caller become a 4xx with a reason; whatever a
 * handler throws becomes a 500, a log line and an error report.
 */
import { randomUUID } from 'node:crypto';
import type { Identity } from '../config.ts';
import type { Log } from '../log.ts';
import type { ErrorReporter } from '../sentry.ts';
import { type Answer, refuse } from './answer.ts';
import { parseJsonBody } from './body.ts';
import type { HttpRequest } from './request.ts';
import { matchRoute, type Route } from './router.ts';

export type App = (request: HttpRequest) => Promise<Answer>;

export interface AppOptions {
  readonly routes: readonly Route[];
  readonly identity: Identity;
  readonly log: Log;
  readonly reporter: ErrorReporter;
}

const REQUEST_ID = /^[\w.=:;-]{1,128}$/;

export function createApp({ routes, identity, log, reporter }: AppOptions): App {
  return async (request) => {
    const started = performance.now();
    const id = requestId(request);
    const { answer, route } = await answerRequest(routes, request, id).catch((error: unknown) => {
      log.error('request failed', { request: id, method: request.method, target: request.target, error });
      reporter.capture(error, { request: id, method: request.method, target: request.target });
      return { answer: refuse(500, `internal error; request id ${id}`), route: undefined };
    });
    if (!route?.quiet || answer.status >= 400)
      log.info('request', {
        request: id,
        method: request.method,
        path: request.target.split('?')[0],
        status: answer.status,
        milliseconds: Math.round((performance.now() - started) * 100) / 100,
      });
    return {
      ...answer,
      headers: { ...answer.headers, 'x-request-id': id, 'x-slipway-release': identity.release },
    };
  };
}

async function answerRequest(
  routes: readonly Route[],
  request: HttpRequest,
  id: string,
): Promise<{ readonly answer: Answer; readonly route: Route | undefined }> {
  const [path = '/', search = ''] = request.target.split('?', 2);
  const match = matchRoute(routes, request.method, path);
  if (match.kind === 'none') return { answer: refuse(404, `there is nothing at ${path}`), route: undefined };
  if (match.kind === 'wrong-method') {
    const allow = match.allowed.join(', ');
    return { answer: refuse(405, `${path} takes ${allow}, not ${request.method}`, { allow }), route: undefined };
  }
  const { route, parameters } = match;
  const body = route.body === 'json' ? parseJsonBody(request) : ({ ok: true, value: undefined } as const);
  if (!body.ok) return { answer: body.answer, route };
  const query = new URLSearchParams(search);
  const { method, headers } = request;
  return { answer: await route.handle({ id, method, path, query, headers, parameters, body: body.value }), route };
}

/** The load balancer's trace id makes one request findable in its access log and in ours. */
function requestId({ headers }: HttpRequest): string {
  const given = headers['x-request-id'] ?? headers['x-amzn-trace-id'];
  return given && REQUEST_ID.test(given) ? given : randomUUID();
}
