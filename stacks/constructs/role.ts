import { Construct, IamRole, IamRolePolicy } from '../cdktf.ts';
import { policyDocument, type Statement } from './policy.ts';

interface RoleProperties {
  readonly name: string;
  readonly description: string;
  /** AWS service that takes the role on. */
  readonly service: string;
  readonly accountId: string;
  /** ARN of the policy that caps what the role may ever be given. */
  readonly boundary: string;
  readonly statements: readonly Statement[];
}

/** A role for an AWS service of this account, capped by the permissions boundary. */
export class ServiceRole extends Construct {
  readonly arn: string;
  readonly name: string;

  constructor(
    scope: Construct,
    id: string,
    { name, description, service, accountId, boundary, statements }: RoleProperties,
  ) {
    super(scope, id);
    const role = new IamRole(this, 'role', {
      name,
      description,
      permissionsBoundary: boundary,
      assumeRolePolicy: policyDocument([
        {
          Effect: 'Allow',
          Principal: { Service: service },
          Action: ['sts:AssumeRole'],
          // Without it another account's task or schedule could talk AWS into using our role.
          Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
        },
      ]),
    });
    this.arn = role.arn;
    this.name = name;
    if (statements.length > 0) {
      new IamRolePolicy(this, 'policy', { name: 'access', role: role.name, policy: policyDocument(statements) });
    }
  }
}
