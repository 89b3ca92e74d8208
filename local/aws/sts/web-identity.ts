import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../kit/service.ts';

export type Claims = Readonly<Record<string, unknown>>;

interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
  readonly signed: string;
  readonly signature: Buffer;
}

type Key = JsonWebKey & { readonly kid?: string };

interface Issuer {
  readonly issuer: string;
  readonly keys: readonly Key[];
}

export interface IdentityVerifier {
  /** Claims of a token that is genuine and valid now. Throws the errors of AssumeRoleWithWebIdentity. */
  verify(token: string): Promise<Claims>;
}

/** Verifies identity tokens of the local GitHub with the keys that it publishes, as IAM does with any OIDC provider. */
export function createIdentityVerifier(cloud: Cloud): IdentityVerifier {
  let known: Issuer | undefined;
  const find = (kid: unknown) => known?.keys.find((key) => key.kid === kid);
  return {
    async verify(text) {
      const token = parse(text);
      if (token.header['alg'] !== 'RS256') throw invalid('The token must be signed with RS256');
      if (!find(token.header['kid'])) known = await fetchIssuer(cloud.endpoints.github);
      const key = find(token.header['kid']);
      if (!key || !isGenuine(token, key)) throw invalid("Couldn't verify the signature of the identity token");
      checkClaims(token.claims, { issuer: known?.issuer, seconds: cloud.now() / 1000 });
      return token.claims;
    },
  };
}

function parse(text: string): Token {
  const [header = '', claims = '', signature = ''] = text.split('.');
  try {
    return {
      header: JSON.parse(Buffer.from(header, 'base64url').toString()) as Claims,
      claims: JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims,
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
}

function isGenuine(token: Token, key: Key): boolean {
  return verify('RSA-SHA256', Buffer.from(token.signed), createPublicKey({ key, format: 'jwk' }), token.signature);
}

async function fetchIssuer(address: string): Promise<Issuer> {
  try {
    const { issuer, jwks_uri } = (await fetchJson(`${address}/.well-known/openid-configuration`)) as {
      issuer: string;
      jwks_uri: string;
    };
    const { keys } = (await fetchJson(jwks_uri)) as { keys: readonly Key[] };
    return { issuer, keys };
  } catch (error) {
    const message = `Couldn't retrieve verification key from your identity provider (${address}): ${String(error)}`;
    throw new AwsError('IDPCommunicationErrorException', message);
  }
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

function checkClaims(claims: Claims, { issuer, seconds }: { issuer: string | undefined; seconds: number }): void {
  if (claims['iss'] !== issuer)
    throw invalid(`No OpenIDConnect provider found in your account for ${String(claims['iss'])}`);
  for (const claim of ['sub', 'aud', 'exp', 'iat']) {
    if (claims[claim] === undefined) throw invalid(`Missing a required claim: ${claim}`);
  }
  if (Number(claims['exp']) <= seconds) {
    throw new AwsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${Math.floor(seconds)} must be before the expiration date/time ${String(claims['exp'])}`,
    );
  }
  if (Number(claims['nbf'] ?? 0) > seconds) throw invalid('The token is not valid yet');
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidIdentityTokenException', message);
}
