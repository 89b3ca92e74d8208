import { bucketName, ledgerTableName } from '../pipeline/manifest/names.ts';
import { createArns } from './arns.ts';
import { boundaryName, boundaryStatements, ROLE_ENVIRONMENTS } from './boundaries.ts';
import {
  AccessanalyzerAnalyzer,
  type Construct,
  EbsEncryptionByDefault,
  GuarddutyDetector,
  IamOpenidConnectProvider,
  IamPolicy,
  S3AccountPublicAccessBlock,
} from './cdktf.ts';
import { ciRoles } from './ci/roles.ts';
import { CiRole } from './constructs/ci-role.ts';
import { Key } from './constructs/key.ts';
import { createLogBucket } from './constructs/log-bucket.ts';
import { allow, policyDocument } from './constructs/policy.ts';
import { Repository } from './constructs/repository.ts';
import { createTable } from './constructs/table.ts';
import { Trail } from './constructs/trail.ts';
import { publishParameter } from './parameters.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

const KEY_DELETION_DAYS = 30;

/** What exists once per AWS account: image repositories, the ledger, the audit trail, the pipeline's identity. */
export class AccountStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, 'account', input);
    const { project } = input;
    const key = new Key(this, 'key', {
      project,
      name: 'account',
      description: 'Images and the ledger',
      deletionDays: KEY_DELETION_DAYS,
    });
    createTable(this, 'ledger', {
      name: ledgerTableName(project.app),
      declaration: { partitionKey: 'environment', sortKey: 'item' },
      keyArn: key.arn,
      deletionProtection: true,
    });
    this.addRepositories(key);
    this.addAudit();
    this.addPipelineIdentity();
    this.addSwitches();
  }

  private addRepositories(key: Key): void {
    const { project, manifests } = this.input;
    for (const manifest of manifests) {
      const { url } = new Repository(this, `repository-${manifest.name}`, { project, manifest, keyArn: key.arn });
      publishParameter(this, this.input, [`repository/${manifest.name}`, url]);
    }
  }

  private addAudit(): void {
    const { project } = this.input;
    const logs = createLogBucket(this, project, bucketName(project, 'account', 'logs'));
    const boundary = new IamPolicy(this, 'boundary-account', {
      name: boundaryName(project.app, 'account'),
      description: 'The most that the trail may do',
      policy: policyDocument([
        allow(
          ['logs:CreateLogStream', 'logs:PutLogEvents'],
          [`${createArns(project).logGroup(`/${project.app}/account/*`)}:*`],
        ),
      ]),
    });
    new Trail(this, 'trail', {
      project,
      boundary: boundary.arn,
      bucketName: bucketName(project, 'account', 'trail'),
      logBucket: logs.bucket,
    });
  }

  private addPipelineIdentity(): void {
    const { project } = this.input;
    for (const environment of ROLE_ENVIRONMENTS) {
      new IamPolicy(this, `boundary-${environment}`, {
        name: boundaryName(project.app, environment),
        description: `The most that services of ${environment} may be given`,
        policy: policyDocument(boundaryStatements(project, environment)),
      });
    }
    const provider = new IamOpenidConnectProvider(this, 'github', {
      url: 'https://token.actions.githubusercontent.com',
      clientIdList: ['sts.amazonaws.com'],
    });
    const subject = project.oidcSubject ?? `repo:${project.repository}`;
    for (const { contexts, ...role } of ciRoles(project)) {
      const subjects = contexts.map((context) => `${subject}:${context}`);
      new CiRole(this, role.name, { ...role, provider: provider.arn, subjects });
    }
  }

  /** Switches that hold for everything in the account, whoever creates it. */
  private addSwitches(): void {
    new S3AccountPublicAccessBlock(this, 'no-public-buckets', {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new EbsEncryptionByDefault(this, 'encrypted-volumes', { enabled: true });
    new GuarddutyDetector(this, 'threats', { enable: true });
    new AccessanalyzerAnalyzer(this, 'access', { analyzerName: `${this.input.project.app}-access`, type: 'ACCOUNT' });
  }
}
