import { createHash, randomBytes } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import { openRepositories } from './repositories.ts';

/** Milliseconds that an authorization token is valid. */
const TOKEN_LIFETIME = 12 * 60 * 60 * 1000;

/** What ECR says to the registry behind it: its options `isImmutable`, `acceptsPush` and `authenticate`. */
export interface RegistryRules {
  isImmutable(repository: string): boolean;
  acceptsPush(repository: string): boolean;
  /** Whether the password comes from GetAuthorizationToken and is still valid. */
  authenticate(username: string, password: string): boolean;
}

export interface AuthorizationTokens {
  issue(): { readonly token: string; readonly expires: number };
  isValid(username: string, password: string): boolean;
}

export function createRegistryRules(cloud: Pick<Cloud, 'store' | 'accountId' | 'now'>): RegistryRules {
  const repositories = openRepositories(cloud);
  return {
    isImmutable: (name) => repositories.exists(name) && repositories.find(name).mutability === 'IMMUTABLE',
    acceptsPush: (name) => repositories.exists(name),
    authenticate: openTokens(cloud).isValid,
  };
}

/** Authorization tokens are kept as hashes only, until they expire. */
export function openTokens(cloud: Pick<Cloud, 'store' | 'now'>): AuthorizationTokens {
  const tokens = cloud.store.collection<{ readonly expires: number }>('ecr/tokens');
  const hash = (password: string) => createHash('sha256').update(password).digest('hex');
  return {
    issue() {
      for (const [key, { expires }] of tokens.entries()) if (expires <= cloud.now()) tokens.delete(key);
      const password = randomBytes(48).toString('base64url');
      const expires = cloud.now() + TOKEN_LIFETIME;
      tokens.set(hash(password), { expires });
      return { token: Buffer.from(`AWS:${password}`).toString('base64'), expires };
    },
    isValid: (username, password) => username === 'AWS' && (tokens.get(hash(password))?.expires ?? 0) > cloud.now(),
  };
}
