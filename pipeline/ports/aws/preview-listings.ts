import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { ECSClient, paginateListServices, paginateListTaskDefinitionFamilies } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, paginateListRoles } from '@aws-sdk/client-iam';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateGetResources, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { paginateListBuckets, S3Client } from '@aws-sdk/client-s3';
import { paginateListSchedules, SchedulerClient } from '@aws-sdk/client-scheduler';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { bucketName, clusterName, logGroupName, type Project } from '../../manifest/names.ts';

/** Something that exists: what it is, its name (`pr-1-web`, for all kinds alike), and what its own API calls it. */
export interface Found {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
}

export type Kind =
  | 'ECS service'
  | 'task definition'
  | 'target group'
  | 'Lambda function'
  | 'DynamoDB table'
  | 'log group'
  | 'SSM parameter'
  | 'bucket'
  | 'schedule'
  | 'role';

export type Options = { readonly region: string };
type Listing = (project: Project, options: Options) => Promise<readonly Found[]>;

/** Everything that a service's own listing call shows: it exists, whatever a state file or an index of tags says. */
export const listAll = async (project: Project, options: Options): Promise<readonly Found[]> =>
  (await Promise.all(LISTINGS.map((listing) => listing(project, options)))).flat();

const found = (kind: Kind, id: string | undefined, name = id): readonly Found[] =>
  id === undefined || name === undefined ? [] : [{ kind, id, name }];

const listServices: Listing = async (_project, options) => {
  const client = new ECSClient(options);
  const all: Found[] = [];
  try {
    for await (const page of paginateListServices({ client }, { cluster: clusterName('staging'), maxResults: 100 })) {
      all.push(...(page.serviceArns ?? []).flatMap((arn) => found('ECS service', arn.split('/').at(-1))));
    }
  } catch (error) {
    // Before staging is provisioned there is no cluster, and so no service.
    if (!(error instanceof Error && error.name === 'ClusterNotFoundException')) throw error;
  }
  return all;
};

const listFamilies: Listing = async (_project, options) => {
  const all: Found[] = [];
  const filter = { familyPrefix: 'pr-', status: 'ACTIVE' } as const;
  for await (const page of paginateListTaskDefinitionFamilies({ client: new ECSClient(options) }, filter)) {
    all.push(...(page.families ?? []).flatMap((family) => found('task definition', family)));
  }
  return all;
};

const listTargetGroups: Listing = async (_project, options) => {
  const all: Found[] = [];
  for await (const page of paginateDescribeTargetGroups({ client: new ElasticLoadBalancingV2Client(options) }, {})) {
    for (const { TargetGroupArn, TargetGroupName } of page.TargetGroups ?? [])
      all.push(...found('target group', TargetGroupArn, TargetGroupName));
  }
  return all;
};

const listFunctions: Listing = async (_project, options) => {
  const all: Found[] = [];
  for await (const page of paginateListFunctions({ client: new LambdaClient(options) }, {})) {
    all.push(...(page.Functions ?? []).flatMap(({ FunctionName }) => found('Lambda function', FunctionName)));
  }
  return all;
};

const listTables: Listing = async (_project, options) => {
  const all: Found[] = [];
  for await (const page of paginateListTables({ client: new DynamoDBClient(options) }, {})) {
    all.push(...(page.TableNames ?? []).flatMap((name) => found('DynamoDB table', name)));
  }
  return all;
};

const listLogGroups: Listing = async ({ app }, options) => {
  const all: Found[] = [];
  const filter = { logGroupNamePrefix: logGroupName(app, 'pr-') };
  for await (const page of paginateDescribeLogGroups({ client: new CloudWatchLogsClient(options) }, filter)) {
    for (const { logGroupName: id = '' } of page.logGroups ?? [])
      all.push(...found('log group', id, id.slice(`/${app}/`.length).replaceAll('/', '-')));
  }
  return all;
};

const listRoles: Listing = async ({ app }, options) => {
  const all: Found[] = [];
  for await (const page of paginateListRoles({ client: new IAMClient(options) }, {})) {
    for (const { RoleName = '' } of page.Roles ?? [])
      if (RoleName.startsWith(`${app}-pr-`)) all.push(...found('role', RoleName, RoleName.slice(`${app}-`.length)));
  }
  return all;
};

/** Only full previews have buckets of their own. */
const listBuckets: Listing = async (project, { region }) => {
  const client = new S3Client({ region, forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined });
  const all: Found[] = [];
  const account = bucketName(project, '', '').slice(0, -1);
  for await (const { Buckets = [] } of paginateListBuckets({ client }, { Prefix: `${account}pr-`, MaxBuckets: 1000 })) {
    for (const { Name = '' } of Buckets)
      if (Name.startsWith(`${account}pr-`)) all.push(...found('bucket', Name, Name.slice(account.length)));
  }
  return all;
};

/** Schedules have no tags: their names are all that leads to them. */
const listSchedules: Listing = async (_project, options) => {
  const all: Found[] = [];
  for await (const page of paginateListSchedules({ client: new SchedulerClient(options) }, { NamePrefix: 'pr-' })) {
    all.push(...(page.Schedules ?? []).flatMap(({ Name }) => found('schedule', Name)));
  }
  return all;
};

const LISTINGS: readonly Listing[] = [
  listServices,
  listFamilies,
  listTargetGroups,
  listFunctions,
  listTables,
  listLogGroups,
  listBuckets,
  listSchedules,
  listRoles,
];

export async function listParameters(
  { app }: Project,
  options: Options,
  environment: string,
): Promise<readonly Found[]> {
  const all: Found[] = [];
  const filter = { Path: `/${app}/${environment}`, Recursive: true };
  for await (const page of paginateGetParametersByPath({ client: new SSMClient(options) }, filter)) {
    all.push(...(page.Parameters ?? []).flatMap(({ Name }) => found('SSM parameter', Name)));
  }
  return all;
}

/** ARN -> environment, of everything that is tagged as a preview's, whichever service it belongs to. */
export async function listTagged({ app }: Project, options: Options): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  const client = new ResourceGroupsTaggingAPIClient(options);
  for await (const page of paginateGetResources({ client }, { TagFilters: [{ Key: 'Application', Values: [app] }] })) {
    for (const { ResourceARN = '', Tags = [] } of page.ResourceTagMappingList ?? []) {
      const environment = Tags.find(({ Key }) => Key === 'Environment')?.Value ?? '';
      // Deregistered revisions keep their tags for ever and cost nothing; those that are not are listed by name.
      if (environment.startsWith('pr-') && !ResourceARN.includes(':task-definition/'))
        all.set(ResourceARN, environment);
    }
  }
  return all;
}
