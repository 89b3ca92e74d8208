import type { Answer } from '../api/server.ts';
import type { Tokens } from '../state/tokens.ts';
import type { Issuer } from './issuer.ts';

/** Answers what belongs to the OIDC issuer: discovery, keys, and identity tokens for jobs that may have them. */
export function identityAnswer(
  { tokens, issuer, repository }: { readonly tokens: Tokens; readonly issuer: Issuer; readonly repository: string },
  { path, query, token }: { readonly path: string; readonly query: URLSearchParams; readonly token: string },
): Answer | undefined {
  if (path === '/.well-known/openid-configuration') return { status: 200, body: issuer.discovery };
  if (path === '/.well-known/jwks') return { status: 200, body: issuer.jwks };
  if (path !== '/_services/oidc/token') return undefined;
  const claims = tokens.claimsOf(token);
  if (!claims) return { status: 401, body: { message: 'The token for identity tokens is not valid (any more)' } };
  const audience = query.get('audience') ?? `https://github.com/${repository.split('/')[0]}`;
  const value = issuer.sign(claims, audience);
  return { status: 200, body: { value, count: value.length } };
}
