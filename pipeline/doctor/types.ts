import type { Project } from '../manifest/names.ts';

/** Something that was asked for: an answer, or why there is none (no credentials, no permission, not supported). */
export type Fact<Value> =
  | { readonly known: true; readonly value: Value }
  | { readonly known: false; readonly why: string };

export interface RepositoryFacts {
  readonly id: number;
  readonly owner: string;
  readonly ownerId: number;
  readonly name: string;
}

/** How GitHub forms the `sub` claim of this repository's tokens. */
export interface SubjectFacts {
  readonly usesDefault: boolean;
  readonly claims: readonly string[];
  /** Names with ids (`owner@1/name@2`); the default for repositories made, renamed or moved after 15 July 2026. */
  readonly immutable: boolean;
}

export type SecretState = 'missing' | 'empty' | 'set';

/** Everything that is looked at; nothing of it is judged yet. */
export interface Facts {
  readonly project: Project;
  readonly repository: Fact<RepositoryFacts>;
  readonly subject: Fact<SubjectFacts>;
  /** '' is the repository, else an environment; undefined = there is no such environment. */
  readonly variables: ReadonlyMap<string, Fact<ReadonlyMap<string, string> | undefined>>;
  readonly account: Fact<string>;
  readonly stateBucket: Fact<boolean>;
  /** Role -> trust policy; undefined = there is no such role. */
  readonly trust: ReadonlyMap<string, Fact<string | undefined>>;
  readonly blobMounting: Fact<boolean>;
  /** Quota -> value. */
  readonly quotas: ReadonlyMap<string, Fact<number>>;
  /** Who answers for the domain, as DNS says; empty = nobody. */
  readonly nameServers: Fact<readonly string[]>;
  /** Those of the zone that the account stack made; undefined = it has not yet. */
  readonly ownNameServers: Fact<readonly string[] | undefined>;
  /** Id of a secret in Secrets Manager -> whether somebody has set its value. */
  readonly secrets: ReadonlyMap<string, Fact<SecretState>>;
  /** Names of the secrets of the repository on GitHub. */
  readonly repositorySecrets: Fact<readonly string[]>;
}

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'failed' | 'skipped';
  /** What was found. */
  readonly found: string;
  /** The way out of a failure. */
  readonly fix?: string;
}

export interface CheckGroup {
  readonly name: string;
  readonly checks: readonly Check[];
}
