import { RegistryError } from './errors.ts';
import { parseJson, readAll, type Transport } from './transport.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Asked when the registry demands credentials; with `refresh` when those that it gave before were refused. */
export type CredentialsProvider = (options: { readonly refresh: boolean }) => Promise<Credentials>;

const TOKEN_BYTES = 1 << 20;
/** What the token specification says when the answer has no `expires_in`. */
const DEFAULT_TOKEN_SECONDS = 60;

interface Authorization {
  readonly header: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/**
 * Finds the `Authorization` header for a scope (`repository:slipway/web:pull,push`): Basic, or a token that the registry's challenge
 * leads to (https://distribution.github.io/distribution/spec/auth/token/). Concurrent requests share one token.
 */
export class Authorizer {
  readonly #base: URL;
  readonly #credentials: CredentialsProvider | undefined;
  readonly #transport: Transport;
  readonly #known = new Map<string, Promise<Authorization>>();
  #challenge: string | undefined;

  constructor(base: URL, transport: Transport, credentials: CredentialsProvider | undefined) {
    this.#base = base;
    this.#transport = transport;
    this.#credentials = credentials;
  }

  /** The header for `scope`; undefined as long as the registry has not asked for one. */
  async current(scope: string): Promise<string | undefined> {
    const known = await this.#known.get(scope);
    if (known && known.expires > Date.now()) return known.header;
    if (this.#challenge === undefined) return undefined;
    return (await this.#remember(scope, this.#obtain(this.#challenge, scope, false))).header;
  }

  /**
   * Answers a challenge (`WWW-Authenticate`). `refused` is the header that led to it, if any: unless another request has replaced it
   * meanwhile, new credentials are asked for. Without a challenge the last one counts.
   */
  async answer(challenge: string | undefined, scope: string, refused: string | undefined): Promise<void> {
    const asked = challenge ?? this.#challenge ?? '';
    this.#challenge = asked;
    const known = await this.#known.get(scope);
    if (known !== undefined && known.header !== refused) return;
    await this.#remember(scope, this.#obtain(asked, scope, refused !== undefined));
  }

  #remember(scope: string, obtaining: Promise<Authorization>): Promise<Authorization> {
    this.#known.set(scope, obtaining);
    obtaining.catch(() => this.#known.delete(scope));
    return obtaining;
  }

  async #obtain(challenge: string, scope: string, refresh: boolean): Promise<Authorization> {
    const [scheme = '', parameters] = parseChallenge(challenge);
    const credentials = await this.#credentials?.({ refresh });
    const basic =
      credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    if (scheme === 'bearer') return this.#token(parameters, scope, basic);
    if (scheme === 'basic' && basic) return { header: basic, expires: Number.POSITIVE_INFINITY };
    const problem =
      scheme === 'basic' ? 'asks for credentials and none are configured' : `asks for unknown "${scheme}"`;
    throw new RegistryError(`${this.#base.host} ${problem}`, { status: 401, code: 'UNAUTHORIZED' });
  }

  async #token(parameters: Record<string, string>, scope: string, basic: string | undefined): Promise<Authorization> {
    const url = this.#tokenUrl(parameters, scope);
    const headers = { accept: 'application/json', ...(basic && { authorization: basic }) };
    const response = await this.#transport({ method: 'GET', url, headers });
    const body = await readAll(response, TOKEN_BYTES);
    const status = response.statusCode ?? 0;
    if (status !== 200) {
      throw new RegistryError(`${url.host} gives no token for ${scope}: status ${status}`, {
        status,
        code: 'UNAUTHORIZED',
      });
    }
    const answer = parseJson(body, url.host);
    const token = answer['token'] ?? answer['access_token'];
    if (typeof token !== 'string') throw new RegistryError(`${url.host} answered without a token`, { status: 401 });
    const seconds = Number(answer['expires_in'] ?? DEFAULT_TOKEN_SECONDS);
    return { header: `Bearer ${token}`, expires: Date.now() + seconds * 900 };
  }

  #tokenUrl(parameters: Record<string, string>, scope: string): URL {
    const realm = parameters['realm'] ?? '';
    if (!URL.canParse(realm)) throw new RegistryError(`${this.#base.host} names no token service`, { status: 401 });
    const url = new URL(realm);
    if (url.protocol !== 'https:' && this.#base.protocol === 'https:') {
      throw new RegistryError(`${this.#base.host} sends credentials to ${url.origin} without TLS`, { status: 401 });
    }
    if (parameters['service']) url.searchParams.set('service', parameters['service']);
    for (const one of scope.split(' ')) url.searchParams.append('scope', one);
    return url;
  }
}

function parseChallenge(header: string): [string, Record<string, string>] {
  const [scheme = ''] = header.trim().split(/\s/, 1);
  const parameters = [...header.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1], match[2]]);
  return [scheme.toLowerCase(), Object.fromEntries(parameters) as Record<string, string>];
}
