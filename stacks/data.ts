import { allBuckets, allOwned, allTables } from '../pipeline/manifest/access.ts';
import {
  bucketName,
  hostEnvironment,
  hostName,
  isPreview,
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
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-data`, input);
    for (const [name, url] of addData(this, input)) publishParameter(this, input, [`queue/${name}`, url]);
  }
}

interface Making {
  readonly scope: Construct;
  readonly input: StackInput;
  readonly settings: EnvironmentSettings;
  readonly keyArn: string;
  /** What the platform published that the data stands on; a preview stands on staging's. */
  readonly platform: (key: string) => string;
}

/** All that is kept of an environment; a full preview has it in the stack of its services. Returns the URL of each queue by its name in the manifests. */
export function addData(scope: Construct, input: StackInput): ReadonlyMap<string, string> {
  const host = { ...input, environment: hostEnvironment(input.environment) };
  const platform = (key: string): string => readParameter(scope, host, key);
  const making: Making = {
    ...{ scope, input, platform },
    settings: environmentSettings(input),
    keyArn: platform('key-arn'),
  };
  addTables(making);
  addBuckets(making);
  const queueUrls = addQueues(making);
  // Previews share secrets, which staging has, and nobody signs up there.
  if (!isPreview(input.environment)) addSecrets(making);
  if (making.settings.userPool !== undefined) addPeople(making, making.settings.userPool);
  return queueUrls;
}

function addTables({ scope, input, settings, keyArn }: Making): void {
  const { project, environment, manifests } = input;
  const tables = allTables(manifests).map((declaration) =>
    createTable(scope, `table-${declaration.name}`, {
      name: tableName(environment, declaration.name),
      declaration,
      keyArn,
      deletionProtection: settings.deletionProtection,
      limits: settings.tableLimits,
    }),
  );
  if (settings.backup === undefined || tables.length === 0) return;
  new Backup(scope, 'backup', {
    ...settings.backup,
    project,
    name: `${project.app}-${environment}`,
    keyArn,
    boundary: createArns(project).policy(boundaryName(project.app, environment)),
    tables: tables.map(({ arn }) => arn),
  });
}

function addBuckets({ scope, input, settings, keyArn, platform }: Making): void {
  const { project, environment, manifests } = input;
  const logBucket = platform('log-bucket');
  for (const { name, expireAfterDays } of allBuckets(manifests)) {
    const { bucket } = new Bucket(scope, `bucket-${name}`, {
      name: bucketName(project, environment, name),
      keyArn,
      logBucket,
      ...(settings.deletionProtection ? { protect: true } : { disposable: true }),
      ...(environment === 'staging' ? { expirePrefixes: { 'pr-': PREVIEW_DAYS } } : {}),
      ...(expireAfterDays === undefined ? {} : { expireAfterDays }),
    });
    addSeeds(scope, input, { name, bucket, keyArn });
  }
}

function addQueues({ scope, input, keyArn, platform }: Making): ReadonlyMap<string, string> {
  if (allOwned(input.manifests, 'queue').length + allOwned(input.manifests, 'topic').length === 0) return new Map();
  // Nobody is called out of bed for a preview.
  const alarm = isPreview(input.environment) ? {} : { alarmTopic: platform('alarm-topic-arn') };
  return addMessaging(scope, input, { keyArn, ...alarm });
}

function addSecrets(making: Making): void {
  const { environment } = making.input;
  for (const secret of secretNames(making.input)) {
    addSecret(making, { secret, owner: environment, parameter: `secret/${secret}` });
    // Previews run code that nobody has reviewed: they have secrets of their own and reach none of staging's.
    if (environment === 'staging') {
      addSecret(making, { secret, owner: PREVIEW_SECRETS, parameter: `preview-secret/${secret}` });
    }
  }
}

/** Terraform knows the secret but never its value, which would stay in the state for ever. A person sets it. */
function addSecret({ scope, input, settings, keyArn }: Making, { secret, owner, parameter }: NewSecret): void {
  const name = secretName(input.project.app, owner, secret);
  const { arn } = new SecretsmanagerSecret(scope, parameter.replace('/', '-'), {
    name,
    description: `Value set by hand: aws secretsmanager put-secret-value --secret-id ${name}`,
    kmsKeyId: keyArn,
    recoveryWindowInDays: settings.keyDeletionDays,
    lifecycle: { preventDestroy: true },
  });
  publishParameter(scope, input, [parameter, arn]);
}

function addPeople({ scope, input }: Making, settings: UserPoolSettings): void {
  const { project, environment, manifests } = input;
  const trigger = manifests.find((manifest) => manifest.trigger === 'tokens');
  const lambda = createArns(project).lambda;
  const pool = new UserPool(scope, 'people', {
    name: `${project.app}-${environment}`,
    domainPrefix: `${project.app}-${environment}-${project.accountId}`,
    settings,
    applicationUrl: `https://${hostName(project, environment)}`,
    ...(trigger === undefined
      ? {}
      : { tokenTrigger: lambda(`${serviceName(environment, trigger.name)}:${LIVE_ALIAS}`) }),
  });
  publishParameter(scope, input, ['user-pool-arn', pool.arn]);
  publishParameter(scope, input, ['user-pool-id', pool.id]);
  publishParameter(scope, input, ['user-pool-client-id', pool.clientId]);
}

const secretNames = ({ manifests }: StackInput): readonly string[] =>
  [...new Set(manifests.flatMap(({ secrets = {} }) => Object.values(secrets)))].sort();
