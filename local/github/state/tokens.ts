import { randomBytes } from 'node:crypto';
import type { Caller } from '../api/server.ts';
import type { Claims } from '../oidc/issuer.ts';

/** Tokens that are valid now. None outlives the process: jobs do not either. */
export interface Tokens {
  /** A token for the REST API. */
  issue(caller: Caller): string;
  callerOf(token: string): Caller | undefined;
  /** A token with which a job may ask for identity tokens that carry these claims. */
  issueForIdentity(claims: Claims): string;
  claimsOf(token: string): Claims | undefined;
  revoke(token: string): void;
}

export function createTokens(): Tokens {
  const callers = new Map<string, Caller>();
  const identities = new Map<string, Claims>();
  const add = <Value>(map: Map<string, Value>, prefix: string, value: Value): string => {
    const token = prefix + randomBytes(27).toString('base64url').replaceAll(/[-_]/g, '0');
    map.set(token, value);
    return token;
  };
  return {
    issue: (caller) => add(callers, 'ghs_', caller),
    callerOf: (token) => callers.get(token),
    issueForIdentity: (claims) => add(identities, 'oidc_', claims),
    claimsOf: (token) => identities.get(token),
    revoke(token) {
      callers.delete(token);
      identities.delete(token);
    },
  };
}
