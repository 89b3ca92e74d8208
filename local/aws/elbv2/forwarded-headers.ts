import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Headers that belong to one connection and are not passed on (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'te', 'trailer', 'upgrade'];

/** Headers of a request as they go to the target, flat: name, value, name, value. `Transfer-Encoding` stays because the body does. */
export function requestHeaders(request: IncomingMessage, options: { port: number; upgrade?: boolean }): string[] {
  const dropped = options.upgrade ? [] : HOP_BY_HOP;
  const set = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-amzn-trace-id', 'expect'];
  const kept = withoutHeaders(request.rawHeaders, [...dropped, ...set, ...connectionNames(request, options.upgrade)]);
  const before = request.headers['x-forwarded-for'];
  kept.push(
    'X-Forwarded-For',
    before ? `${before}, ${clientAddress(request)}` : clientAddress(request),
    'X-Forwarded-Proto',
    'http',
    'X-Forwarded-Port',
    String(options.port),
    'X-Amzn-Trace-Id',
    traceId(request.headers['x-amzn-trace-id']),
  );
  return kept;
}

/** Headers of a target's answer as they go to the client. */
export function responseHeaders(response: IncomingMessage): string[] {
  return withoutHeaders(response.rawHeaders, [...HOP_BY_HOP, 'transfer-encoding', ...connectionNames(response)]);
}

export function clientAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
}

/** The headers that `Connection` names belong to the connection too. */
function connectionNames(message: IncomingMessage, upgrade = false): readonly string[] {
  if (upgrade) return [];
  return (message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
}

function withoutHeaders(raw: readonly string[], names: readonly string[]): string[] {
  const dropped = new Set(names);
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!dropped.has(name.toLowerCase())) kept.push(name, raw[index + 1] ?? '');
  }
  return kept;
}

/**
 * A trace header: new as `Root=...`, or the client's own with `Self=...` before it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function traceId(received: string | readonly string[] | undefined, now = Date.now()): string {
  const id = `1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
  const given = String(received ?? '');
  if (!given) return `Root=${id}`;
  const others = given.split(';').filter((field) => !field.startsWith('Self='));
  return `Self=${id};${others.join(';')}`;
}
