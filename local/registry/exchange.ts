import type { IncomingMessage, ServerResponse } from 'node:http';
import { DistributionError } from './errors.ts';
import type { RegistryStorage } from './storage.ts';

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly storage: RegistryStorage;
}

type Headers = Readonly<Record<string, string | number>>;

export function answer(
  { request, response }: Exchange,
  status: number,
  headers: Headers = {},
  body?: Uint8Array,
): void {
  const length = body === undefined && status !== 204 ? { 'content-length': 0 } : {};
  response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...length, ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

export function answerJson(exchange: Exchange, value: unknown, headers: Headers = {}): void {
  const body = Buffer.from(JSON.stringify(value));
  answer(exchange, 200, { 'content-type': 'application/json', 'content-length': body.length, ...headers }, body);
}

export function answerError(exchange: Exchange, error: DistributionError): void {
  const body = Buffer.from(JSON.stringify({ errors: [{ code: error.code, message: error.message }] }));
  // Who is refused may still be sending; the rest of that body must not be read as the next request.
  const close: Headers = exchange.request.complete ? {} : { connection: 'close' };
  const headers: Headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    ...close,
    ...error.headers,
  };
  answer(exchange, error.status, headers, body);
}

export const unsupported = ({ request }: Exchange): DistributionError =>
  new DistributionError(405, 'UNSUPPORTED', `${request.method} is not possible here`);
