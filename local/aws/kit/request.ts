import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { decodeChunked, isChunked } from './chunked.ts';
import { AwsError } from './service.ts';

/** Bodies that are read whole; S3 objects are streamed and have no such limit. */
const LARGEST_BODY = 64 * 1024 * 1024;

/** Who signed a request and for which service (SigV4 credential scope). */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** One request as it came over the wire. */
export interface AwsRequest {
  readonly id: string;
  readonly method: string;
  /** Path as sent, still percent-encoded and not normalised: S3 keys may contain `..` or `//`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly scope?: CredentialScope;
  /** Trailers of an aws-chunked body; filled once the body has been read. */
  readonly trailers: Record<string, string>;
  /** The whole body, gunzipped. Can be called again. */
  bytes(): Promise<Buffer>;
  /** The body as a stream without aws-chunked framing. Can be called once. */
  stream(): Readable;
}

const current = new AsyncLocalStorage<AwsRequest>();

/** The request that is being answered; undefined when an operation was called through `Cloud.invoke`. */
export function currentRequest(): AwsRequest | undefined {
  return current.getStore();
}

export function withRequest<Result>(request: AwsRequest, work: () => Result): Result {
  return current.run(request, work);
}

export function readRequest(message: IncomingMessage): AwsRequest {
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const headers = message.headers as Readonly<Record<string, string | undefined>>;
  const trailers: Record<string, string> = {};
  const scope = credentialScope(headers['authorization'], query);
  let whole: Promise<Buffer> | undefined;
  return {
    id: randomUUID(),
    method: message.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query,
    target,
    headers,
    ...(scope ? { scope } : {}),
    trailers,
    bytes() {
      whole ??= readWhole(this.stream(), headers['content-encoding']);
      return whole;
    },
    stream: () => (isChunked(headers) ? decodeChunked(message, headers, trailers) : message),
  };
}

function credentialScope(authorization: string | undefined, query: URLSearchParams): CredentialScope | undefined {
  const header = /Credential=([^,\s]+)/.exec(authorization ?? '')?.[1];
  const parts = (header ?? query.get('X-Amz-Credential') ?? '').split('/');
  const [accessKeyId, , region, service] = parts.length >= 5 ? parts : [];
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}

async function readWhole(stream: Readable, encoding: string | undefined): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += (part as Buffer).length;
    if (size > LARGEST_BODY)
      throw new AwsError('RequestEntityTooLargeException', 'Request is too large.', { status: 413 });
    parts.push(part as Buffer);
  }
  const body = Buffer.concat(parts);
  return encoding === 'gzip' ? gunzip(body) : body;
}

function gunzip(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: LARGEST_BODY });
  } catch {
    throw new AwsError('SerializationException', 'body: expected a gzip stream');
  }
}
