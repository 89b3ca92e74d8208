/**
 * The load balancer's side of a Lambda function: its event becomes a request, our answer becomes its response.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
import { STATUS_CODES } from 'node:http';
import { type Answer, refuse } from '../http/answer.ts';
import type { HttpRequest } from '../http/request.ts';
import { isRecord, type Result } from '../result.ts';

const LARGEST_RESPONSE_BYTES = 1_000_000;
/** A character takes at most six bytes there. */
const CERTAINLY_FITS = 150_000;

export interface AlbResponse {
  readonly statusCode: number;
  readonly statusDescription: string;
  readonly isBase64Encoded: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads an event; a target group with or without multi-value headers both work. */
export function readAlbEvent(event: unknown): Result<HttpRequest> {
  if (!isRecord(event) || typeof event['httpMethod'] !== 'string' || typeof event['path'] !== 'string')
    return { ok: false, error: 'the event did not come from a load balancer: httpMethod and path are missing' };
  const body = typeof event['body'] === 'string' ? event['body'] : '';
  return {
    ok: true,
    value: {
      method: event['httpMethod'],
      target: event['path'] + queryOf(event),
      headers: headersOf(event),
      body: Buffer.from(body, event['isBase64Encoded'] === true ? 'base64' : 'utf8'),
    },
  };
}

/**
 * What the load balancer does not take is told as such; it would answer with a 502 of its own.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html: the response as JSON, 1 MB.
 */
export function toAlbResponse(answer: Answer): AlbResponse {
  const response = encode(answer);
  if (response.body.length < CERTAINLY_FITS) return response;
  const bytes = Buffer.byteLength(JSON.stringify(response));
  if (bytes <= LARGEST_RESPONSE_BYTES) return response;
  const { headers = {} } = answer;
  return encode(
    refuse(413, `the answer takes ${bytes} bytes, a function behind a load balancer may answer 1 MB; ask for less`, {
      ...('x-request-id' in headers && { 'x-request-id': headers['x-request-id'] as string }),
    }),
  );
}

function encode({ status, headers = {}, body }: Answer): AlbResponse {
  const binary = typeof body !== 'string';
  return {
    statusCode: status,
    statusDescription: `${status} ${STATUS_CODES[status] ?? ''}`.trim(),
    isBase64Encoded: binary,
    headers,
    body: binary ? Buffer.from(body).toString('base64') : body,
  };
}

function headersOf(event: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    pairs(event['multiValueHeaders'] ?? event['headers']).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** The load balancer leaves query values percent-encoded. */
function queryOf(event: Readonly<Record<string, unknown>>): string {
  const query = pairs(event['multiValueQueryStringParameters'] ?? event['queryStringParameters']);
  return query.length === 0 ? '' : `?${query.map(([name, value]) => `${name}=${value}`).join('&')}`;
}

function pairs(fields: unknown): [string, string][] {
  if (!isRecord(fields)) return [];
  return Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );
}
