import { bucketName, stateBucketName, stateKeyAlias } from '../pipeline/manifest/names.ts';
import {
  accountBoundaryStatements,
  boundaryName,
  boundaryStatements,
  CI_BOUNDARY,
  ciBoundaryStatements,
  ROLE_ENVIRONMENTS,
} from './boundaries.ts';
import { type Construct, IamOpenidConnectProvider, IamPolicy } from './cdktf.ts';
import { ciRoles } from './ci/roles.ts';
import { alertsMayUseKey } from './constructs/alerts.ts';
import { Bucket } from './constructs/bucket.ts';
import { CiRole } from './constructs/ci-role.ts';
import { Key, logsMayUseKey } from './constructs/key.ts';
import { createLogBucket } from './constructs/log-bucket.ts';
import { policyDocument, type Statement } from './constructs/policy.ts';
import { publishParameter } from './parameters.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

const KEY_DELETION_DAYS = 30;

/**
 * What has to be there before any workflow can run, applied by a person (docs/account.md): where states are kept, and who the pipeline is. The bucket is
 * made before this stack has a state to keep in it; Terraform takes it over and completes it.
 */
export class BootstrapStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, 'bootstrap', input);
    const { project } = input;
    const logs = createLogBucket(this, project, bucketName(project, 'account', 'logs'));
    publishParameter(this, { project, environment: 'account' }, ['log-bucket', logs.bucket]);
    this.addState(logs.bucket);
    this.addBoundaries();
    this.addRoles();
  }

  private addState(logBucket: string): void {
    const { project } = this.input;
    const key = new Key(this, 'key', {
      project,
      name: stateKeyAlias(project).slice(project.app.length + 1),
      description: 'States of Terraform, and what the account stack encrypts',
      deletionDays: KEY_DELETION_DAYS,
      statements: [logsMayUseKey(project), ...alertsMayUseKey(project)],
    });
    publishParameter(this, { project, environment: 'account' }, ['key-arn', key.arn]);
    new Bucket(this, 'state', {
      name: stateBucketName(project),
      keyArn: key.arn,
      logBucket,
      protect: true,
      existing: true,
    });
  }

  /** The most that any role may do that the pipeline creates, and the pipeline itself. */
  private addBoundaries(): void {
    const { project } = this.input;
    for (const environment of ROLE_ENVIRONMENTS) {
      const statements = boundaryStatements(project, environment);
      this.addBoundary(environment, `The most that services of ${environment} may be given`, statements);
    }
    this.addBoundary('account', 'The most that the trail and the backups may do', accountBoundaryStatements(project));
    this.addBoundary(CI_BOUNDARY, 'What the pipeline may never do', ciBoundaryStatements(project));
  }

  private addBoundary(name: string, description: string, statements: readonly Statement[]): void {
    const policy = policyDocument(statements);
    new IamPolicy(this, `boundary-${name}`, { name: boundaryName(this.input.project.app, name), description, policy });
  }

  private addRoles(): void {
    const { project } = this.input;
    const provider = new IamOpenidConnectProvider(this, 'github', {
      url: 'https://token.actions.githubusercontent.com',
      clientIdList: ['sts.amazonaws.com'],
    });
    const subject = project.oidcSubject ?? `repo:${project.repository}`;
    for (const { contexts, ...role } of ciRoles(project)) {
      const subjects = contexts.map((context) => `${subject}:${context}`);
      new CiRole(this, role.name, { ...role, project, provider: provider.arn, subjects });
    }
  }
}
