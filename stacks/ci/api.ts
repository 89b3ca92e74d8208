import type { Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { allow, type Statement } from '../constructs/policy.ts';

type LongLived = 'staging' | 'production';

/** What API Gateway calls the things we make; its ARNs carry ids that nobody knows before, so the kind is as far as a policy can go. */
const API_PATHS = ['restapis', 'usageplans', 'domainnames', 'clientcertificates', 'tags'];

/** The REST API, the user pool and the backups of an environment. */
export function apiStatements(project: Project, environment: LongLived): Statement[] {
  const { region, app } = project;
  const { regional, logGroup } = createArns(project);
  const owned = { StringEquals: { 'aws:ResourceTag/Environment': environment } };
  const made = { StringEquals: { 'aws:RequestTag/Environment': environment } };
  const name = `${app}-${environment}`;
  const verbs = (service: string, ...actions: string[]): string[] => actions.map((action) => `${service}:${action}`);
  return [
    allow(
      verbs('apigateway', 'POST', 'PUT', 'PATCH', 'DELETE', 'SetWebACL'),
      API_PATHS.flatMap((path) => [
        `arn:aws:apigateway:${region}::/${path}`,
        `arn:aws:apigateway:${region}::/${path}/*`,
      ]),
    ),
    allow(
      verbs(
        'logs',
        'CreateLogGroup',
        'DeleteLogGroup',
        'PutRetentionPolicy',
        'AssociateKmsKey',
        'TagResource',
        'UntagResource',
      ),
      [`${logGroup(`/${name}/api`)}*`],
    ),
    allow(verbs('cognito-idp', 'CreateUserPool'), ['*'], made),
    allow(
      [
        ...verbs('cognito-idp', 'UpdateUserPool', 'SetUserPoolMfaConfig', 'TagResource', 'UntagResource'),
        ...verbs('cognito-idp', 'CreateUserPoolClient', 'UpdateUserPoolClient', 'DeleteUserPoolClient'),
        ...verbs('cognito-idp', 'CreateUserPoolDomain', 'UpdateUserPoolDomain', 'DeleteUserPoolDomain'),
      ],
      [regional('cognito-idp', 'userpool/*')],
      owned,
    ),
    allow(verbs('backup-storage', 'MountCapsule'), ['*']),
    allow(verbs('backup', 'CreateBackupVault', 'PutBackupVaultLockConfiguration', 'TagResource', 'UntagResource'), [
      regional('backup', `backup-vault:${name}`),
    ]),
    allow(
      verbs(
        'backup',
        'CreateBackupPlan',
        'UpdateBackupPlan',
        'DeleteBackupPlan',
        'CreateBackupSelection',
        'DeleteBackupSelection',
      ),
      [regional('backup', 'backup-plan:*')],
    ),
  ];
}
