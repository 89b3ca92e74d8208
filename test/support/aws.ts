import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetAliasCommand, GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { LOCAL_ACCOUNT } from '../../local/cli/cloud/project.ts';
import { localLedger } from '../../local/cli/cloud/recovery.ts';
import { clusterName, LIVE_ALIAS, serviceName } from '../../pipeline/manifest/names.ts';
import type { Control } from '../../pipeline/release/ledger.ts';
import type { Release } from '../../pipeline/release/types.ts';
import type { TestHome } from './home.ts';

/** How the AWS SDK reaches the local cloud of a home. */
export function awsOptions(home: TestHome) {
  return {
    endpoint: `http://127.0.0.1:${home.cloud().ports.aws}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}

/** Image digests that an environment's two web services and its function serve, according to the AWS API. */
export async function servedDigests(home: TestHome, environment: string): Promise<Record<string, string>> {
  const ecs = new ECSClient(awsOptions(home));
  const lambda = new LambdaClient(awsOptions(home));
  const [inference, web, scorer] = await Promise.all([
    ecsDigest(ecs, environment, 'inference'),
    ecsDigest(ecs, environment, 'web'),
    functionDigest(lambda, environment, 'scorer'),
  ]);
  return { inference, web, scorer };
}

async function ecsDigest(ecs: ECSClient, environment: string, service: string): Promise<string> {
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({
      cluster: clusterName(environment),
      services: [serviceName(environment, service)],
    }),
  );
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: services[0]?.taskDefinition ?? '' }),
  );
  return digestOf(taskDefinition?.containerDefinitions?.[0]?.image);
}

async function functionDigest(lambda: LambdaClient, environment: string, service: string): Promise<string> {
  const FunctionName = serviceName(environment, service);
  const { FunctionVersion } = await lambda.send(new GetAliasCommand({ FunctionName, Name: LIVE_ALIAS }));
  const { Code } = await lambda.send(
    new GetFunctionCommand({ FunctionName, ...(FunctionVersion ? { Qualifier: FunctionVersion } : {}) }),
  );
  return digestOf(Code?.ImageUri);
}

const digestOf = (image = ''): string => image.split('@')[1] ?? image;

/** What the ledger says: head, lock, freeze and the newest releases of an environment. */
export async function readLedger(
  home: TestHome,
  environment: string,
): Promise<Control & { releases: readonly Release[] }> {
  const { ports } = home.cloud();
  const ledger = localLedger(ports);
  return { ...(await ledger.control(environment)), releases: await ledger.releases(environment, 50) };
}

export async function isDeploying(home: TestHome, environment: string): Promise<boolean> {
  return (await readLedger(home, environment)).releases.some(({ status }) => status === 'deploying');
}

/** Locks that Terraform holds on states now. */
export async function stateLocks(home: TestHome): Promise<string[]> {
  const s3 = new S3Client({ ...awsOptions(home), forcePathStyle: true });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: `slipway-${LOCAL_ACCOUNT}-state` }));
  return Contents.flatMap(({ Key = '' }) => (Key.endsWith('.tflock') ? [Key] : []));
}
