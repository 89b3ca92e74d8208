import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Authorizer, type CredentialsProvider } from './authorization.ts';
import { PROTOCOL, RegistryError } from './errors.ts';
import { DEFAULT_RETRY, parseRetryAfter, type RetryPolicy, withRetries } from './retry.ts';
import { baseUrl, readAll, send, type Transport } from './transport.ts';

export interface SessionOptions {
  /** `127.0.0.1:5000`, `123456789012.dkr.ecr.us-east-1.amazonaws.com`. */
  readonly host: string;
  readonly credentials?: CredentialsProvider;
  readonly retry?: Partial<RetryPolicy>;
  readonly transport?: Transport;
}

export interface RegistryRequest<Value> {
  readonly method: string;
  /** Path on the registry, or a location that it gave. */
  readonly url: string;
  /** `repository:<name>:pull,push`. */
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
  /** Not repeated here: whoever makes the request knows how to go on after a failure. */
  readonly once?: boolean;
  readonly expect: readonly number[];
  read(response: IncomingMessage): Value | Promise<Value>;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;
const ERROR_BYTES = 1 << 20;

/** One registry as one user: authentication, redirects and retries around each request. */
export class Session {
  readonly base: URL;
  readonly retry: RetryPolicy;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;

  constructor({ host, credentials, retry, transport = send }: SessionOptions) {
    this.base = baseUrl(host);
    this.retry = { ...DEFAULT_RETRY, ...retry };
    this.#transport = transport;
    this.#authorizer = new Authorizer(this.base, transport, credentials);
  }

  /** Throws `RegistryError` for every status that is not expected. */
  request<Value>(request: RegistryRequest<Value>): Promise<Value> {
    const once = async (): Promise<Value> => request.read(await this.#authorized(request));
    return request.once !== true ? withRetries(this.retry, once) : once();
  }

  /** Where a `Location` header points. */
  resolve(location: string | undefined, request: string): string {
    if (location === undefined)
      throw new RegistryError(`${this.base.host} gave no location for ${request}`, { code: PROTOCOL });
    return parseLocation(location, this.base).href;
  }

  async #authorized(request: RegistryRequest<unknown>): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const authorization = await this.#authorizer.current(request.scope);
      const { response, url } = await this.#follow(request, authorization);
      const status = response.statusCode ?? 0;
      if (request.expect.includes(status)) return response;
      const again = attempt === 1 || (attempt === 2 && authorization !== undefined);
      if (!again || url.origin !== this.base.origin) throw await failure(request, url, response);
      const challenge = status === 401 ? response.headers['www-authenticate'] : undefined;
      if (challenge === undefined) {
        const error = await failure(request, url, response);
        if (authorization === undefined || !isExpiry(request, error)) throw error;
      } else await readAll(response, ERROR_BYTES);
      await this.#authorizer.answer(challenge, request.scope, authorization);
      if (request.body !== undefined && !(request.body instanceof Uint8Array)) {
        throw new RegistryError(`${url.host} asked for credentials in the middle of an upload`);
      }
    }
  }

  /** Credentials go to the registry's own origin and nowhere else. */
  async #follow(
    request: RegistryRequest<unknown>,
    authorization: string | undefined,
  ): Promise<{ response: IncomingMessage; url: URL }> {
    let url = new URL(request.url, this.base);
    for (let hops = 0; ; hops++) {
      if (url.protocol !== 'https:' && this.base.protocol === 'https:') {
        throw new RegistryError(`${this.base.host} leads to ${url.origin}, which has no TLS`, { code: PROTOCOL });
      }
      const own = url.origin === this.base.origin;
      const headers = {
        'accept-encoding': 'identity',
        ...request.headers,
        ...(own && authorization !== undefined && { authorization }),
      };
      const { method, body } = request;
      const response = await this.#transport({ method, url, headers, ...(body !== undefined && { body }) });
      const { location } = response.headers;
      const follows = REDIRECTS.includes(response.statusCode ?? 0) && (method === 'GET' || method === 'HEAD');
      if (!follows || location === undefined || hops === MOST_REDIRECTS) return { response, url };
      await readAll(response, ERROR_BYTES);
      url = parseLocation(location, url);
    }
  }
}

function parseLocation(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new RegistryError(`${from.host} leads to ${JSON.stringify(location)}, which is no address`, { code: PROTOCOL });
}

/**
 * ECR refuses a token that has run out without a challenge: with 403, and ECR Public with 400. An answer to `HEAD` does not say why.
 * https://github.com/aws/containers-roadmap/issues/2835
 */
function isExpiry({ method }: RegistryRequest<unknown>, { status, message }: RegistryError): boolean {
  return (
    (status === 403 || status === 400) && (method === 'HEAD' || /token (?:has |is )?(?:expired|invalid)/i.test(message))
  );
}

/** Waits for the end of an answer whose body does not matter, so that the connection can be used again. */
export async function discard(response: IncomingMessage): Promise<void> {
  await readAll(response, ERROR_BYTES);
}

async function failure(request: RegistryRequest<unknown>, url: URL, response: IncomingMessage): Promise<RegistryError> {
  const status = response.statusCode ?? 0;
  const { code, message } = firstError(await readAll(response, ERROR_BYTES));
  const retryAfter = parseRetryAfter(response.headers['retry-after'], Date.now());
  const reason = [code, message].filter((part) => part !== '').join(': ');
  return new RegistryError(`${request.method} ${url.host}${url.pathname}: status ${status} ${reason}`.trim(), {
    status,
    code,
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** `{"errors":[{"code","message"}]}`, or as much of it as the registry gave. */
function firstError(body: Buffer): { code: string; message: string } {
  try {
    const { errors } = JSON.parse(body.toString()) as { errors?: { code?: unknown; message?: unknown }[] };
    return { code: String(errors?.[0]?.code ?? ''), message: String(errors?.[0]?.message ?? '') };
  } catch {
    return { code: '', message: body.toString().slice(0, 200) };
  }
}
