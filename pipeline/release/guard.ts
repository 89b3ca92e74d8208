import type { History } from '../ports/history.ts';

export interface GuardRequest {
  /** Newest commit that the environment is known to be at; undefined: none yet. */
  readonly deployed: string | undefined;
  readonly commit: string;
  readonly environment: string;
  /** History was rewritten on purpose: accepts commits that do not descend from the deployed one, never older ones. */
  readonly force: boolean;
}

export interface Refusal {
  readonly problem: string;
  /** The commit is part of what is deployed: it was overtaken. */
  readonly older: boolean;
}

/** An older commit never replaces a newer one. Resolves to why `commit` may not be deployed, or to undefined. */
export async function guardOrder(request: GuardRequest, history: History): Promise<Refusal | undefined> {
  const { deployed, commit, environment, force } = request;
  if (deployed === undefined || deployed === commit) return undefined;
  const relation = await history.relation(deployed, commit);
  const [from, to] = [deployed.slice(0, 7), commit.slice(0, 7)];
  const unless = (problem: string): Refusal | undefined => (force ? undefined : { older: false, problem });
  switch (relation) {
    case 'ahead':
    case 'identical':
      return undefined;
    case 'behind':
      return {
        older: true,
        problem: `commit ${to} is older than ${from}, which ${environment} is at; to go back on purpose, run the rollback workflow`,
      };
    case 'diverged':
      return unless(
        `commit ${to} does not contain ${from}, which ${environment} is at; merge or rebase first, or deploy with force if history was rewritten`,
      );
    case 'unknown':
      return unless(
        `the repository does not know both ${from}, which ${environment} is at, and ${to}; deploy with force if history was rewritten`,
      );
  }
}
