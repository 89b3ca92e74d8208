import type { Project } from '../../pipeline/manifest/names.ts';
import { Construct, KmsAlias, KmsKey } from '../cdktf.ts';
import { policyDocument, type Statement } from './policy.ts';

interface KeyProperties {
  readonly project: Project;
  /** Without the application's prefix. */
  readonly name: string;
  readonly description: string;
  readonly deletionDays: number;
  /** Grants for services that come without a caller of this account (log groups, trails). */
  readonly statements?: readonly Statement[];
}

/** Services through which principals of the account use the key; who may do so is what those services' own policies say. */
const THROUGH = ['dynamodb', 's3', 'secretsmanager', 'lambda', 'ecr', 'scheduler', 'sns', 'sqs', 'ssm', 'backup'];

/** A customer-managed key that rotates. */
export class Key extends Construct {
  readonly arn: string;

  constructor(
    scope: Construct,
    id: string,
    { project, name, description, deletionDays, statements = [] }: KeyProperties,
  ) {
    super(scope, id);
    const key = new KmsKey(this, 'key', {
      description,
      enableKeyRotation: true,
      deletionWindowInDays: deletionDays,
      // Without it everything that it encrypted is lost.
      lifecycle: { preventDestroy: true },
      policy: policyDocument([administration(project), throughServices(project), ...statements]),
    });
    new KmsAlias(this, 'alias', { name: `alias/${project.app}-${name}`, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}

/** Lets CloudWatch Logs encrypt the application's log groups, and nobody else's. */
export function logsMayUseKey({ accountId, region, app }: Project): Statement {
  const groups = [`/${app}/*`, `/${app}-*/api`, `aws-waf-logs-${app}-*`];
  return {
    Sid: 'Logs',
    Effect: 'Allow',
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: [
      'kms:Encrypt',
      'kms:Decrypt',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:GenerateDataKey',
      'kms:DescribeKey',
    ],
    Resource: ['*'],
    Condition: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': groups.map(
          (group) => `arn:aws:logs:${region}:${accountId}:log-group:${group}`,
        ),
      },
    },
  };
}

/** Lets an AWS service that acts for this account write what the key encrypts. */
export const serviceMayUseKey = (Sid: string, service: string, accountId: string): Statement => ({
  Sid,
  Effect: 'Allow',
  Principal: { Service: service },
  Action: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
  Resource: ['*'],
  Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
});

const administration = ({ accountId }: Project): Statement => ({
  Sid: 'Administration',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
  Action: ['kms:*'],
  Resource: ['*'],
  Condition: { StringEquals: { 'kms:CallerAccount': accountId } },
});

const throughServices = ({ accountId, region }: Project): Statement => ({
  Sid: 'ThroughServices',
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: [
    'kms:Encrypt',
    'kms:Decrypt',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:GenerateDataKey',
    'kms:CreateGrant',
    'kms:DescribeKey',
  ],
  Resource: ['*'],
  Condition: {
    StringEquals: {
      'kms:CallerAccount': accountId,
      'kms:ViaService': THROUGH.map((service) => `${service}.${region}.amazonaws.com`),
    },
  },
});
