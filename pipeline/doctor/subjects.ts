import type { RepositoryFacts, SubjectFacts } from './types.ts';

export interface Subjects {
  /** `repo:owner/name`, which repositories from before 15 July 2026 send. */
  readonly old: string;
  /** `repo:owner@1/name@2`. */
  readonly immutable: string;
  /** What this repository is going to send; undefined when its template is its own. */
  readonly sent: string | undefined;
}

/**
 * Start of the `sub` claim of this repository's tokens, in both forms; `:environment:<name>`, `:pull_request` or `:ref:<ref>` follows.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export function subjects({ owner, ownerId, name, id }: RepositoryFacts, template: SubjectFacts): Subjects {
  const old = `repo:${owner}/${name}`;
  const immutable = `repo:${owner}@${ownerId}/${name}@${id}`;
  const isOwn = !template.usesDefault && template.claims.join() !== 'repo,context';
  return { old, immutable, sent: isOwn ? undefined : template.immutable ? immutable : old };
}
