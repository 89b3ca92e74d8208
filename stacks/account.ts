import {
  bucketName,
  ledgerTableName,
  PREVIEW_HEADER,
  previewHosts,
  previewPasswordParameter,
} from '../pipeline/manifest/names.ts';
import { type AccountSettings, accountSettings } from './account-settings.ts';
import { createArns } from './arns.ts';
import { boundaryName } from './boundaries.ts';
import {
  AccessanalyzerAnalyzer,
  type Construct,
  DataAwsSsmParameter,
  EbsEncryptionByDefault,
  GuarddutyDetector,
  GuarddutyDetectorFeature,
  IamAccountPasswordPolicy,
  S3AccountPublicAccessBlock,
  XrayEncryptionConfig,
  XraySamplingRule,
} from './cdktf.ts';
import { Alerts } from './constructs/alerts.ts';
import { ApiLogging } from './constructs/api-logging.ts';
import { Backup } from './constructs/backup.ts';
import { Repository } from './constructs/repository.ts';
import { createTable } from './constructs/table.ts';
import { Trail } from './constructs/trail.ts';
import { Waf } from './constructs/waf.ts';
import { Zone } from './constructs/zone.ts';
import { ENVIRONMENTS } from './environments.ts';
import { publishParameter, readParameter } from './parameters.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

/** What exists once per AWS account: image repositories, the ledger, the audit trail, what watches over the account and its bill. */
export class AccountStack extends SlipwayStack {
  private readonly settings: AccountSettings;

  constructor(scope: Construct, input: StackInput) {
    super(scope, 'account', input);
    this.settings = accountSettings(input.project);
    const { project } = input;
    // Made together with the states: a key costs a dollar a month, and both are for the pipeline alone.
    const keyArn = readParameter(this, input, 'key-arn');
    this.addLedger(keyArn);
    this.addRepositories(keyArn);
    this.addAudit();
    this.addFirewall(keyArn);
    new Alerts(this, 'alerts', { project, keyArn, monthlyDollars: this.settings.monthlyDollars });
    this.addThreatDetection();
    this.addTracing(keyArn);
    this.addSwitches();
    if (project.zone === 'own') this.addZone();
    if (hasApi(project)) new ApiLogging(this, 'api-logging', { project, boundary: this.boundary });
  }

  private get boundary(): string {
    const { project } = this.input;
    return createArns(project).policy(boundaryName(project.app, 'account'));
  }

  private addLedger(keyArn: string): void {
    const { project } = this.input;
    const table = createTable(this, 'ledger', {
      name: ledgerTableName(project.app),
      declaration: { partitionKey: 'environment', sortKey: 'item' },
      keyArn,
      deletionProtection: true,
      limits: this.settings.tableLimits,
    });
    const name = `${project.app}-account`;
    const { backup } = this.settings;
    new Backup(this, 'backup', { ...backup, project, name, keyArn, boundary: this.boundary, tables: [table.arn] });
  }

  private addRepositories(keyArn: string): void {
    const { project, manifests } = this.input;
    for (const manifest of manifests) {
      const { url } = new Repository(this, `repository-${manifest.name}`, { project, manifest, keyArn });
      publishParameter(this, this.input, [`repository/${manifest.name}`, url]);
    }
  }

  private addAudit(): void {
    const { project } = this.input;
    new Trail(this, 'trail', {
      project,
      boundary: this.boundary,
      bucketName: bucketName(project, 'account', 'trail'),
      logBucket: readParameter(this, this.input, 'log-bucket'),
    });
  }

  private addFirewall(keyArn: string): void {
    const { app } = this.input.project;
    const { logRetentionDays, previewSignIn } = this.settings;
    const signIn = previewSignIn ? { signIn: this.signIn() } : {};
    const { arn } = new Waf(this, 'waf', { name: app, keyArn, logRetentionDays, ...signIn });
    publishParameter(this, this.input, ['web-acl-arn', arn]);
  }

  private signIn() {
    const { project } = this.input;
    const name = previewPasswordParameter(project.app);
    const { value: password } = new DataAwsSsmParameter(this, 'preview-password', { name });
    return { password, host: previewHosts(project).slice(1), header: PREVIEW_HEADER };
  }

  private addZone(): void {
    const { nameServers } = new Zone(this, 'zone', { domain: this.input.project.domain });
    publishParameter(this, this.input, ['name-servers', nameServers]);
  }

  private addThreatDetection(): void {
    const { id } = new GuarddutyDetector(this, 'threats', { enable: true });
    for (const name of this.settings.threatDetection) {
      new GuarddutyDetectorFeature(this, `threats-${name}`, { detectorId: id, name, status: 'ENABLED' });
    }
    new AccessanalyzerAnalyzer(this, 'access', { analyzerName: `${this.input.project.app}-access`, type: 'ACCOUNT' });
  }

  /** Traces are encrypted, and one request in twenty is traced: the rest costs money and says nothing new. */
  private addTracing(keyId: string): void {
    new XrayEncryptionConfig(this, 'traces', { type: 'KMS', keyId });
    new XraySamplingRule(this, 'sampling', {
      ruleName: this.input.project.app,
      priority: 1000,
      version: 1,
      reservoirSize: 1,
      fixedRate: 0.05,
      urlPath: '*',
      host: '*',
      httpMethod: '*',
      serviceName: '*',
      serviceType: '*',
      resourceArn: '*',
    });
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
    new IamAccountPasswordPolicy(this, 'passwords', {
      minimumPasswordLength: 16,
      requireLowercaseCharacters: true,
      requireUppercaseCharacters: true,
      requireNumbers: true,
      requireSymbols: true,
      allowUsersToChangePassword: true,
      passwordReusePrevention: 24,
    });
  }
}

const hasApi = ({ profile = 'standard' }: StackInput['project']): boolean =>
  Object.values(ENVIRONMENTS[profile]).some(({ api }) => api !== undefined);
