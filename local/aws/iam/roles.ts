import type { Cloud } from '../../cloud.ts';

/** A role with everything that decides what it may do; documents are JSON texts. */
export interface KnownRole {
  readonly name: string;
  readonly arn: string;
  readonly trust: string;
  readonly policies: readonly string[];
  readonly boundary?: string;
}

type Attributes = Readonly<Record<string, unknown>>;

const gone = (cloud: Pick<Cloud, 'store'>) => cloud.store.collection<KnownRole>('iam/roles');

/** Keeps a role as it is now, for when it is gone. */
export const rememberRole = (cloud: Pick<Cloud, 'store'>, role: KnownRole): void => gone(cloud).set(role.name, role);

/** Roles that there are, and roles that did something and are gone. */
export function knownRoles(cloud: Pick<Cloud, 'store'>): readonly KnownRole[] {
  const roles = rolesOf(cloud);
  const names = new Set(roles.map(({ name }) => name));
  const others = gone(cloud)
    .entries()
    .map(([, role]) => role);
  return [...roles, ...others.filter(({ name }) => !names.has(name))];
}

/** Roles that Terraform created, with their inline and attached policies and their boundary. */
export function rolesOf(cloud: Pick<Cloud, 'store'>): readonly KnownRole[] {
  const records = (type: string): readonly Attributes[] =>
    cloud.store
      .collection<{ readonly attributes: Attributes }>(`terraform/${type}`)
      .entries()
      .map(([, { attributes }]) => attributes);
  const documents = new Map(records('aws_iam_policy').map((policy) => [policy['arn'], String(policy['policy'])]));
  const attachments = records('aws_iam_role_policy_attachment');
  const inline = records('aws_iam_role_policy');
  return records('aws_iam_role').map((role) => {
    const isOwn = (other: Attributes): boolean => other['role'] === role['name'];
    const boundary = documents.get(role['permissions_boundary']);
    return {
      name: String(role['name']),
      arn: String(role['arn']),
      trust: String(role['assume_role_policy']),
      policies: [
        ...inline.filter(isOwn).map((one) => String(one['policy'])),
        ...attachments.filter(isOwn).flatMap((one) => documents.get(one['policy_arn']) ?? []),
      ],
      ...(boundary === undefined ? {} : { boundary }),
    };
  });
}
