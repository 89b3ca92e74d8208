import type { Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { boundaryName, CI_BOUNDARY } from '../boundaries.ts';
import { Construct, IamPolicy, IamRole, IamRolePolicyAttachment } from '../cdktf.ts';
import { policyDocument, type Statement } from './policy.ts';

interface CiRoleProperties {
  readonly project: Project;
  readonly name: string;
  readonly description: string;
  /** ARN of GitHub's OIDC provider in the account. */
  readonly provider: string;
  /** Whole `sub` claims that may take the role on; compared exactly, never by pattern. */
  readonly subjects: readonly string[];
  /** Branch that the workflow has to run on; a subject with an environment says nothing about it. */
  readonly ref?: string;
  /** Name -> statements. Several managed policies: all inline policies of a role together may not exceed 10,240 characters. */
  readonly policies: Readonly<Record<string, readonly Statement[]>>;
}

const ISSUER = 'token.actions.githubusercontent.com';
const HOUR = 3600;

/** A role that jobs of the repository's own workflows take on with the token that GitHub signs for them. */
export class CiRole extends Construct {
  constructor(scope: Construct, id: string, properties: CiRoleProperties) {
    super(scope, id);
    const { project, name, description, provider, subjects, ref, policies } = properties;
    const role = new IamRole(this, 'role', {
      name,
      description,
      maxSessionDuration: HOUR,
      permissionsBoundary: createArns(project).policy(boundaryName(project.app, CI_BOUNDARY)),
      assumeRolePolicy: policyDocument([
        {
          Effect: 'Allow',
          Principal: { Federated: provider },
          Action: ['sts:AssumeRoleWithWebIdentity'],
          Condition: {
            StringEquals: {
              [`${ISSUER}:aud`]: 'sts.amazonaws.com',
              [`${ISSUER}:sub`]: subjects,
              ...(ref === undefined ? {} : { [`${ISSUER}:ref`]: ref }),
            },
          },
        },
      ]),
    });
    for (const [part, statements] of Object.entries(policies)) {
      const policy = new IamPolicy(this, part, { name: `${name}-${part}`, policy: policyDocument(statements) });
      new IamRolePolicyAttachment(this, `${part}-attachment`, { role: role.name, policyArn: policy.arn });
    }
  }
}
