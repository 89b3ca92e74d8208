import { expectedRoles, QUOTAS } from './expectations.ts';
import type { Fact, Facts, RepositoryFacts, SecretState, SubjectFacts } from './types.ts';

/** What can be asked. Every method may throw: why it did is the answer then. */
export interface DoctorPorts {
  repository(): Promise<RepositoryFacts>;
  subject(): Promise<SubjectFacts>;
  /** Variables of the repository ('') or of an environment; undefined when there is no such environment. */
  variables(environment: string): Promise<ReadonlyMap<string, string> | undefined>;
  account(): Promise<string>;
  stateBucket(): Promise<boolean>;
  /** Trust policy of a role; undefined when there is no such role. */
  trust(role: string): Promise<string | undefined>;
  blobMounting(): Promise<boolean>;
  quota(service: string, code: string): Promise<number>;
  nameServers(): Promise<readonly string[]>;
  ownNameServers(): Promise<readonly string[] | undefined>;
  secret(id: string): Promise<SecretState>;
  repositorySecrets(): Promise<readonly string[]>;
}

interface Wanted {
  readonly project: Facts['project'];
  /** Ids of the secrets in Secrets Manager that services read. */
  readonly secrets: readonly string[];
}

/** Asks everything at once; what cannot be told is no failure. */
export async function gather({ project, secrets: ids }: Wanted, ports: DoctorPorts): Promise<Facts> {
  const environments = ['', 'preview', 'staging', 'production'];
  const [repository, subject, account, stateBucket, blobMounting, nameServers, ownNameServers, repositorySecrets] =
    await Promise.all([
      fact(() => ports.repository()),
      fact(() => ports.subject()),
      fact(() => ports.account()),
      fact(() => ports.stateBucket()),
      fact(() => ports.blobMounting()),
      fact(() => ports.nameServers()),
      fact(() => ports.ownNameServers()),
      fact(() => ports.repositorySecrets()),
    ]);
  const [variables, trust, secrets, quotas] = await Promise.all([
    byName(environments, (name) => ports.variables(name)),
    byName(
      expectedRoles(project).map(({ name }) => name),
      (name) => ports.trust(name),
    ),
    byName(ids, (id) => ports.secret(id)),
    byName(
      QUOTAS.map(({ code }) => code),
      (code) => ports.quota(QUOTAS.find((quota) => quota.code === code)?.service ?? '', code),
    ),
  ]);
  return {
    ...{ project, repository, subject, variables, account, stateBucket, trust, blobMounting, quotas },
    ...{ nameServers, ownNameServers, secrets, repositorySecrets },
  };
}

async function byName<Value>(
  names: readonly string[],
  ask: (name: string) => Promise<Value>,
): Promise<ReadonlyMap<string, Fact<Value>>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await fact(() => ask(name))] as const)));
}

async function fact<Value>(ask: () => Promise<Value>): Promise<Fact<Value>> {
  try {
    return { known: true, value: await ask() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { known: false, why: message.split('\n')[0] ?? message };
  }
}
