import type { Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { BackupPlan, BackupSelection, BackupVault, BackupVaultLockConfiguration, Construct } from '../cdktf.ts';
import { allow, type Statement } from './policy.ts';
import { ServiceRole } from './role.ts';

interface BackupProperties {
  readonly project: Project;
  /** `<app>-<environment>`. */
  readonly name: string;
  readonly keyArn: string;
  readonly boundary: string;
  /** EventBridge cron expression, UTC. */
  readonly schedule: string;
  readonly keepDays: number;
  /** ARNs of tables. */
  readonly tables: readonly string[];
}

const START_MINUTES = 60;
const COMPLETION_MINUTES = 300;

/**
 * Nightly copies of tables in a vault that nobody may empty before their time (governance mode). Point in time recovery dies with its table; these do
 * not.
 */
export class Backup extends Construct {
  constructor(scope: Construct, id: string, properties: BackupProperties) {
    super(scope, id);
    const { project, name, keyArn, schedule, keepDays, tables } = properties;
    const vault = new BackupVault(this, 'vault', { name, kmsKeyArn: keyArn, lifecycle: { preventDestroy: true } });
    new BackupVaultLockConfiguration(this, 'lock', { backupVaultName: vault.name, minRetentionDays: keepDays });
    const plan = new BackupPlan(this, 'plan', {
      name,
      rule: [
        {
          ruleName: 'nightly',
          targetVaultName: vault.name,
          schedule,
          startWindow: START_MINUTES,
          completionWindow: COMPLETION_MINUTES,
          lifecycle: { deleteAfter: keepDays },
        },
      ],
    });
    const role = new ServiceRole(this, 'role', {
      name: `${name}-backup`,
      description: 'Copies tables into the vault',
      service: 'backup.amazonaws.com',
      accountId: project.accountId,
      boundary: properties.boundary,
      statements: backupStatements(project, name, tables),
    });
    new BackupSelection(this, 'selection', {
      name: 'tables',
      planId: plan.id,
      iamRoleArn: role.arn,
      resources: [...tables],
    });
  }
}

/** What AWS Backup needs to copy tables: part of AWSBackupServiceRolePolicyForBackup, for these tables and this vault only. */
export function backupStatements(project: Project, vault: string, tables: readonly string[]): Statement[] {
  const { regional } = createArns(project);
  return [
    allow(['dynamodb:StartAwsBackupJob', 'dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource'], tables),
    allow(['backup:DescribeBackupVault', 'backup:CopyIntoBackupVault'], [regional('backup', `backup-vault:${vault}`)]),
  ];
}
