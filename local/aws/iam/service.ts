import type { Cloud } from '../../cloud.ts';
import { AwsError, type AwsService } from '../kit/service.ts';
import { trustOperations } from './simulate.ts';

type Attributes = Readonly<Record<string, unknown>>;
interface Stored {
  readonly id: string;
  readonly attributes: Attributes;
}
interface Named {
  readonly RoleName?: string;
  readonly PolicyName?: string;
}

/** IAM's roles as Terraform made them: enough to find and remove what a preview left. */
export function createIamService(cloud: Cloud): AwsService {
  const roles = cloud.store.collection<Stored>('terraform/aws_iam_role');
  const policies = cloud.store.collection<Stored>('terraform/aws_iam_role_policy');
  const known = (name = ''): string => {
    const entry = roles.entries().find(([, { attributes }]) => attributes['name'] === name);
    if (!entry) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, { status: 404 });
    return entry[0];
  };
  const policiesOf = (name = '') => policies.entries().filter(([, { attributes }]) => attributes['role'] === name);
  return {
    name: 'iam',
    operations: {
      ...trustOperations(cloud),
      ListRoles: () => ({
        IsTruncated: false,
        Roles: roles.entries().map(([, { attributes }]) => view(cloud, attributes)),
      }),
      ListRolePolicies({ RoleName }: Named) {
        known(RoleName);
        return {
          IsTruncated: false,
          PolicyNames: policiesOf(RoleName).map(([, { attributes }]) => String(attributes['name'])),
        };
      },
      DeleteRolePolicy({ RoleName, PolicyName }: Named) {
        const entry = policiesOf(RoleName).find(([, { attributes }]) => attributes['name'] === PolicyName);
        if (!entry)
          throw new AwsError('NoSuchEntity', `The role policy with name ${PolicyName} cannot be found.`, {
            status: 404,
          });
        policies.delete(entry[0]);
        return {};
      },
      DeleteRole({ RoleName }: Named) {
        const key = known(RoleName);
        if (policiesOf(RoleName).length > 0)
          throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', { status: 409 });
        roles.delete(key);
        return {};
      },
    },
  };
}

const view = (cloud: Cloud, attributes: Attributes) => ({
  RoleName: String(attributes['name']),
  RoleId: String(attributes['unique_id'] ?? attributes['name']),
  Arn: String(attributes['arn']),
  Path: String(attributes['path'] ?? '/'),
  CreateDate: new Date(String(attributes['create_date'] ?? cloud.now())),
});
