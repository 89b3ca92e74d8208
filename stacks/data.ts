import { allBuckets, allTables } from '../pipeline/manifest/access.ts';
import { bucketName, secretName, tableName } from '../pipeline/manifest/names.ts';
import { type Construct, SecretsmanagerSecret } from './cdktf.ts';
import { Bucket } from './constructs/bucket.ts';
import { createTable } from './constructs/table.ts';
import { environmentSettings } from './environments.ts';
import { publishParameter, readParameter } from './parameters.ts';
import { addSeeds } from './seeds.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

/** Days that what a preview wrote outlives it. */
const PREVIEW_DAYS = 14;

/** What staging or production must not lose: tables, buckets, secrets. */
export class DataStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-data`, input);
    const { project, environment, manifests } = input;
    const { deletionProtection, keyDeletionDays } = environmentSettings(environment);
    const keyArn = readParameter(this, input, 'key-arn');
    const logBucket = readParameter(this, input, 'log-bucket');
    for (const declaration of allTables(manifests)) {
      createTable(this, `table-${declaration.name}`, {
        name: tableName(environment, declaration.name),
        declaration,
        keyArn,
        deletionProtection,
      });
    }
    for (const { name, expireAfterDays } of allBuckets(manifests)) {
      const { bucket } = new Bucket(this, `bucket-${name}`, {
        name: bucketName(project, environment, name),
        keyArn,
        logBucket,
        ...(environment === 'staging' ? { expirePrefixes: { 'pr-': PREVIEW_DAYS } } : {}),
        ...(expireAfterDays === undefined ? {} : { expireAfterDays }),
      });
      addSeeds(this, input, { name, bucket, keyArn });
    }
    for (const secret of secretNames(input)) this.addSecret(secret, keyArn, keyDeletionDays);
  }

  /** Terraform knows the secret but never its value, which would stay in the state for ever. A person sets it. */
  private addSecret(secret: string, keyArn: string, recoveryWindowInDays: number): void {
    const { project, environment } = this.input;
    const { arn } = new SecretsmanagerSecret(this, `secret-${secret}`, {
      name: secretName(project.app, environment, secret),
      description: `Value set by hand: aws secretsmanager put-secret-value --secret-id ${secretName(project.app, environment, secret)}`,
      kmsKeyId: keyArn,
      recoveryWindowInDays,
    });
    publishParameter(this, this.input, [`secret/${secret}`, arn]);
  }
}

const secretNames = ({ manifests }: StackInput): readonly string[] =>
  [...new Set(manifests.flatMap(({ secrets = {} }) => Object.values(secrets)))].sort();
