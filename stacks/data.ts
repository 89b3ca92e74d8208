import { allBuckets, allOwned, allTables } from '../pipeline/manifest/access.ts';
import { bucketName, PREVIEW_SECRETS, secretName, tableName } from '../pipeline/manifest/names.ts';
import { createArns } from './arns.ts';
import { boundaryName } from './boundaries.ts';
import { type Construct, SecretsmanagerSecret } from './cdktf.ts';
import { Backup } from './constructs/backup.ts';
import { Bucket } from './constructs/bucket.ts';
import { createTable } from './constructs/table.ts';
import { environmentSettings } from './environments.ts';
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
  readonly keyArn: string;
  readonly recoveryWindowInDays: number;
}

/** Days that what a preview wrote outlives it. */
const PREVIEW_DAYS = 14;

/** What staging or production must not lose: tables, buckets, queues, secrets. */
export class DataStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-data`, input);
    const { project, environment, manifests } = input;
    const { deletionProtection, keyDeletionDays, tableLimits, backup } = environmentSettings(input);
    const keyArn = readParameter(this, input, 'key-arn');
    const logBucket = readParameter(this, input, 'log-bucket');
    const tables = allTables(manifests).map((declaration) =>
      createTable(this, `table-${declaration.name}`, {
        name: tableName(environment, declaration.name),
        declaration,
        keyArn,
        deletionProtection,
        limits: tableLimits,
      }),
    );
    if (backup !== undefined && tables.length > 0) {
      new Backup(this, 'backup', {
        ...backup,
        project,
        name: `${project.app}-${environment}`,
        keyArn,
        boundary: createArns(project).policy(boundaryName(project.app, environment)),
        tables: tables.map(({ arn }) => arn),
      });
    }
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
    const alarmTopic =
      allOwned(manifests, 'queue').length === 0 ? {} : { alarmTopic: readParameter(this, input, 'alarm-topic-arn') };
    for (const [name, url] of addMessaging(this, input, { keyArn, ...alarmTopic }))
      publishParameter(this, input, [`queue/${name}`, url]);
    const secrets = { keyArn, recoveryWindowInDays: keyDeletionDays };
    for (const secret of secretNames(input)) {
      this.addSecret({ ...secrets, secret, owner: environment, parameter: `secret/${secret}` });
      // Previews run code that nobody has reviewed: they have secrets of their own and reach none of staging's.
      if (environment === 'staging') {
        this.addSecret({ ...secrets, secret, owner: PREVIEW_SECRETS, parameter: `preview-secret/${secret}` });
      }
    }
  }

  /** Terraform knows the secret but never its value, which would stay in the state for ever. A person sets it. */
  private addSecret({ secret, owner, parameter, keyArn, recoveryWindowInDays }: NewSecret): void {
    const name = secretName(this.input.project.app, owner, secret);
    const { arn } = new SecretsmanagerSecret(this, parameter.replace('/', '-'), {
      name,
      description: `Value set by hand: aws secretsmanager put-secret-value --secret-id ${name}`,
      kmsKeyId: keyArn,
      recoveryWindowInDays,
    });
    publishParameter(this, this.input, [parameter, arn]);
  }
}

const secretNames = ({ manifests }: StackInput): readonly string[] =>
  [...new Set(manifests.flatMap(({ secrets = {} }) => Object.values(secrets)))].sort();
