import type { RoleDocuments } from './replay.ts';

type Values = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Values>>;

/**
 * Roles of synthesized stacks with everything that decides what they may do. What only Terraform can tell (`${...}`) becomes `*`: who is refused with
 * that is refused with the real value, too.
 */
export function synthesizedRoles(stacks: readonly unknown[]): readonly RoleDocuments[] {
  const policies = stacks.flatMap((stack) => Object.entries(resources(stack, 'aws_iam_policy')));
  const byName = new Map(policies.map(([, policy]) => [String(policy['name']), text(policy['policy'])]));
  return stacks.flatMap((stack) => {
    const own = new Map(
      Object.entries(resources(stack, 'aws_iam_policy')).map(([id, policy]) => [id, text(policy['policy'])]),
    );
    const inline = Object.values(resources(stack, 'aws_iam_role_policy'));
    const attachments = Object.values(resources(stack, 'aws_iam_role_policy_attachment'));
    return Object.entries(resources(stack, 'aws_iam_role')).map(([id, role]): RoleDocuments => {
      const isOwn = (other: Values): boolean => String(other['role']).includes(`aws_iam_role.${id}.`);
      const boundary = documentOf(String(role['permissions_boundary'] ?? ''), own, byName);
      return {
        name: String(role['name']),
        policies: [
          ...inline.filter(isOwn).map((one) => text(one['policy'])),
          ...attachments.filter(isOwn).flatMap((one) => documentOf(String(one['policy_arn']), own, byName) ?? []),
        ],
        ...(boundary === undefined ? {} : { boundary }),
      };
    });
  });
}

const resources = (stack: unknown, type: string): Resources =>
  (stack as { readonly resource?: Readonly<Record<string, Resources>> }).resource?.[type] ?? {};

/** A policy by reference within its stack, else by the name at the end of its ARN. */
function documentOf(
  arn: string,
  own: ReadonlyMap<string, string>,
  byName: ReadonlyMap<string, string>,
): string | undefined {
  const id = /aws_iam_policy\.([\w-]+)\./.exec(arn)?.[1];
  return id === undefined ? byName.get(arn.split('/').at(-1) ?? '') : own.get(id);
}

const text = (value: unknown): string => String(value).replaceAll(/\$\{[^{}]*\}/g, '*');
