import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type Claims = Readonly<Record<string, string>>;

/** Signs identity tokens with a key of this home, and publishes its public half. */
export interface Issuer {
  /** `iss` of its tokens. */
  readonly issuer: string;
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** The discovery document; the keys are at `<address>/.well-known/jwks`. */
  readonly discovery: Readonly<Record<string, unknown>>;
  /** A JWT (RS256) that is valid for five minutes. */
  sign(claims: Claims, audience: string): string;
}

const SECONDS = 300;
const KEY_ID = 'slipway-local';

/** Opens the issuer; makes its key when the file does not exist. */
export function openIssuer(options: {
  readonly keyFile: string;
  /** Address of the server that publishes the keys. */
  readonly address: string;
  readonly issuer?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): Issuer {
  const { address, now, issuer = address } = options;
  const key = openKey(options.keyFile);
  const published = { ...createPublicKey(key).export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: KEY_ID };
  return {
    issuer,
    jwks: { keys: [published] },
    discovery: {
      issuer,
      jwks_uri: `${address}/.well-known/jwks`,
      subject_types_supported: ['public', 'pairwise'],
      response_types_supported: ['id_token'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
    },
    sign(claims, audience) {
      const seconds = Math.floor(now() / 1000);
      const times = { nbf: seconds - 5, iat: seconds, exp: seconds + SECONDS };
      const payload = { jti: randomUUID(), ...claims, aud: audience, iss: issuer, ...times };
      const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${encode(payload)}`;
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
    },
  };
}

function openKey(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  }
  return createPrivateKey(readFileSync(file));
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
