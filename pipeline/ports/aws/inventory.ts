import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import {
  DeregisterTaskDefinitionCommand,
  ECSClient,
  paginateListServices,
  paginateListTaskDefinitionFamilies,
  paginateListTaskDefinitions,
} from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { clusterName, logGroupName, type Project } from '../../manifest/names.ts';
import type { Inventory } from '../../preview/ports.ts';
import { createPreviewObjects } from './preview-objects.ts';

/** Something that exists: what it is, and its name. */
interface Found {
  readonly kind: string;
  readonly name: string;
}

/** Looks for previews by name, with the plain listing calls of each service: what is listed here exists, whatever a state file says. */
export function createInventory(project: Project, buckets: readonly string[]): Inventory {
  const options = { region: project.region };
  const objects = createPreviewObjects(project, buckets);
  const list = async (): Promise<readonly Found[]> =>
    (await Promise.all(LISTINGS.map((listing) => listing(project, options)))).flat();
  const ecs = new ECSClient(options);
  return {
    async previews() {
      const [found, states] = await Promise.all([list(), objects.states()]);
      const numbers = [...found.map(({ name }) => name), ...states].flatMap(previewNumber);
      return [...new Set(numbers)].sort((a, b) => a - b);
    },
    async leftovers(environment) {
      const [found, parameters, left] = await Promise.all([
        list(),
        listParameters(project, environment),
        objects.list(environment),
      ]);
      const named = found.filter(({ name }) => name === environment || name.startsWith(`${environment}-`));
      return [...named, ...parameters].map(({ kind, name }) => `${kind} ${name}`).concat(left);
    },
    async deleteUnmanaged(environment) {
      await Promise.all([objects.deleteAll(environment), deregisterRevisions(ecs, environment)]);
    },
  };
}

function previewNumber(name: string): readonly number[] {
  const number = /^pr-([1-9]\d{0,5})(?:-|$)/.exec(name)?.[1];
  return number === undefined ? [] : [Number(number)];
}

type Listing = (project: Project, options: { readonly region: string }) => Promise<readonly Found[]>;

const listServices: Listing = async (_project, options) => {
  const found: Found[] = [];
  const pages = paginateListServices(
    { client: new ECSClient(options) },
    { cluster: clusterName('staging'), maxResults: 100 },
  );
  try {
    for await (const page of pages) {
      for (const arn of page.serviceArns ?? []) found.push({ kind: 'ECS service', name: arn.split('/').at(-1) ?? '' });
    }
  } catch (error) {
    // Before staging is provisioned there is no cluster, and so no service.
    if (!(error instanceof Error && error.name === 'ClusterNotFoundException')) throw error;
  }
  return found;
};

const listTargetGroups: Listing = async (_project, options) => {
  const found: Found[] = [];
  for await (const page of paginateDescribeTargetGroups({ client: new ElasticLoadBalancingV2Client(options) }, {})) {
    for (const group of page.TargetGroups ?? [])
      found.push({ kind: 'target group', name: group.TargetGroupName ?? '' });
  }
  return found;
};

const listFunctions: Listing = async (_project, options) => {
  const found: Found[] = [];
  for await (const page of paginateListFunctions({ client: new LambdaClient(options) }, {})) {
    for (const one of page.Functions ?? []) found.push({ kind: 'Lambda function', name: one.FunctionName ?? '' });
  }
  return found;
};

const listTables: Listing = async (_project, options) => {
  const found: Found[] = [];
  for await (const page of paginateListTables({ client: new DynamoDBClient(options) }, {})) {
    for (const name of page.TableNames ?? []) found.push({ kind: 'DynamoDB table', name });
  }
  return found;
};

const listLogGroups: Listing = async ({ app }, options) => {
  const found: Found[] = [];
  const logGroupNamePrefix = logGroupName(app, 'pr-');
  for await (const page of paginateDescribeLogGroups(
    { client: new CloudWatchLogsClient(options) },
    { logGroupNamePrefix },
  )) {
    // `/<app>/pr-1/web` -> `pr-1-web`, the form that every other name has.
    for (const group of page.logGroups ?? []) {
      found.push({ kind: 'log group', name: (group.logGroupName ?? '').slice(`/${app}/`.length).replaceAll('/', '-') });
    }
  }
  return found;
};

const listFamilies: Listing = async (_project, options) => {
  const found: Found[] = [];
  const filter = { familyPrefix: 'pr-', status: 'ACTIVE' } as const;
  for await (const page of paginateListTaskDefinitionFamilies({ client: new ECSClient(options) }, filter)) {
    for (const name of page.families ?? []) found.push({ kind: 'task definition', name });
  }
  return found;
};

const LISTINGS: readonly Listing[] = [
  listFamilies,
  listServices,
  listTargetGroups,
  listFunctions,
  listTables,
  listLogGroups,
];

async function listParameters({ app, region }: Project, environment: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  const client = new SSMClient({ region });
  for await (const page of paginateGetParametersByPath(
    { client },
    { Path: `/${app}/${environment}`, Recursive: true },
  )) {
    for (const parameter of page.Parameters ?? []) found.push({ kind: 'SSM parameter', name: parameter.Name ?? '' });
  }
  return found;
}

/** Terraform knows the revision that it made itself; those of releases are ours to end. */
async function deregisterRevisions(client: ECSClient, environment: string): Promise<void> {
  const filter = { familyPrefix: `${environment}-`, status: 'ACTIVE' } as const;
  for await (const page of paginateListTaskDefinitionFamilies({ client }, filter)) {
    for (const family of page.families ?? []) await deregisterFamily(client, family);
  }
}

async function deregisterFamily(client: ECSClient, familyPrefix: string): Promise<void> {
  for await (const page of paginateListTaskDefinitions({ client }, { familyPrefix, status: 'ACTIVE' })) {
    for (const taskDefinition of page.taskDefinitionArns ?? []) {
      await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    }
  }
}
