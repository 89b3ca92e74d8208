import { allBuckets, allOwned, allTables } from '../pipeline/manifest/access.ts';
import {
  bucketName,
  hostName,
  LIVE_ALIAS,
  PREVIEW_SECRETS,
  secretName,
  serviceName,
  tableName,
} from '../pipeline/manifest/names.ts';
import { createArns } from './arns.ts';
import { boundaryName } from './boundaries.ts';
import { type Construct, SecretsmanagerSecret } from './cdktf.ts';
import { Backup } from './constructs/backup.ts';
import { Bucket } from './constructs/bucket.ts';
import { createTable } from './constructs/table.ts';
import { UserPool } from './constructs/user-pool.ts';
import { type EnvironmentSettings, environmentSettings, type UserPoolSettings } from './environments.ts';
import { addMessaging } from './messaging.ts';
import { publishParameter, readParameter } from './parameters.ts';
import { addSeeds } from './seeds.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

interface NewSecret {
  readonly secret: string;
  /** The environment whose services read it. */
  readonly owner: string;
  /** Key under which other stacks find its ARN. */
  readonly parameter: string;
}

/** Days that what a preview wrote outlives it. */
const PREVIEW_DAYS = 14;

/** What staging or production must not lose: tables, buckets, queues, secrets, people. */
export class DataStack extends SlipwayStack {
  private readonly settings: EnvironmentSettings;
  private readonly keyArn: string;

  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-data`, input);
    this.settings = environmentSettings(input);
    this.keyArn = readParameter(this, input, 'key-arn');
    this.addTables();
    this.addBuckets();
    this.addQueues();
    this.addSecrets();
    if (this.settings.userPool !== undefined) this.addPeople(this.settings.userPool);
  }

  private addTables(): void {
    const { keyArn, settings } = this;
    const { project, environment, manifests } = this.input;
    const tables = allTables(manifests).map((declaration) =>
      createTable(this, `table-${declaration.name}`, {
        name: tableName(environment, declaration.name),
        declaration,
        keyArn,
        deletionProtection: settings.deletionProtection,
        limits: settings.tableLimits,
      }),
    );
    if (settings.backup === undefined || tables.length === 0) return;
    new Backup(this, 'backup', {
      ...settings.backup,
      project,
      name: `${project.app}-${environment}`,
      keyArn,
      boundary: createArns(project).policy(boundaryName(project.app, environment)),
      tables: tables.map(({ arn }) => arn),
    });
  }

  private addBuckets(): void {
    const { keyArn, input } = this;
    const { project, environment, manifests } = input;
    const logBucket = readParameter(this, input, 'log-bucket');
    for (const { name, expireAfterDays } of allBuckets(manifests)) {
      const { bucket } = new Bucket(this, `bucket-${name}`, {
        name: bucketName(project, environment, name),
        keyArn,
        logBucket,
        protect: true,
        ...(environment === 'staging' ? { expirePrefixes: { 'pr-': PREVIEW_DAYS } } : {}),
        ...(expireAfterDays === undefined ? {} : { expireAfterDays }),
      });
      addSeeds(this, input, { name, bucket, keyArn });
    }
  }

  private addQueues(): void {
    const { keyArn, input } = this;
    if (allOwned(input.manifests, 'queue').length + allOwned(input.manifests, 'topic').length === 0) return;
    const alarmTopic = readParameter(this, input, 'alarm-topic-arn');
    for (const [name, url] of addMessaging(this, input, { keyArn, alarmTopic }))
      publishParameter(this, input, [`queue/${name}`, url]);
  }

  private addSecrets(): void {
    const { environment } = this.input;
    for (const secret of secretNames(this.input)) {
      this.addSecret({ secret, owner: environment, parameter: `secret/${secret}` });
      // Previews run code that nobody has reviewed: they have secrets of their own and reach none of staging's.
      if (environment === 'staging') {
        this.addSecret({ secret, owner: PREVIEW_SECRETS, parameter: `preview-secret/${secret}` });
      }
    }
  }

  /** Terraform knows the secret but never its value, which would stay in the state for ever. A person sets it. */
  private addSecret({ secret, owner, parameter }: NewSecret): void {
    const name = secretName(this.input.project.app, owner, secret);
    const { arn } = new SecretsmanagerSecret(this, parameter.replace('/', '-'), {
      name,
      description: `Value set by hand: aws secretsmanager put-secret-value --secret-id ${name}`,
      kmsKeyId: this.keyArn,
      recoveryWindowInDays: this.settings.keyDeletionDays,
      lifecycle: { preventDestroy: true },
    });
    publishParameter(this, this.input, [parameter, arn]);
  }

  private addPeople(settings: UserPoolSettings): void {
    const { project, environment, manifests } = this.input;
    const trigger = manifests.find((manifest) => manifest.trigger === 'tokens');
    const lambda = createArns(project).lambda;
    const pool = new UserPool(this, 'people', {
      name: `${project.app}-${environment}`,
      domainPrefix: `${project.app}-${environment}-${project.accountId}`,
      settings,
      applicationUrl: `https://${hostName(project, environment)}`,
      ...(trigger === undefined
        ? {}
        : { tokenTrigger: lambda(`${serviceName(environment, trigger.name)}:${LIVE_ALIAS}`) }),
    });
    publishParameter(this, this.input, ['user-pool-arn', pool.arn]);
    publishParameter(this, this.input, ['user-pool-id', pool.id]);
    publishParameter(this, this.input, ['user-pool-client-id', pool.clientId]);
  }
}

const secretNames = ({ manifests }: StackInput): readonly string[] =>
  [...new Set(manifests.flatMap(({ secrets = {} }) => Object.values(secrets)))].sort();
