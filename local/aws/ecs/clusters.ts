import type * as sdk from '@aws-sdk/client-ecs';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import { clusterArn, shortName } from './arns.ts';
import type { EcsContext } from './context.ts';
import { type ClusterRecord, clientException } from './records.ts';

const DEFAULT = 'default';

/** The cluster that a request means; ClusterNotFoundException when there is none. */
export function findCluster({ records }: Pick<EcsContext, 'records'>, nameOrArn: string | undefined): ClusterRecord {
  const cluster = records.clusters.find(shortName(nameOrArn ?? DEFAULT));
  if (!cluster) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  return cluster;
}

export function clusterOperations(context: EcsContext): Record<string, Operation> {
  const { cloud, records } = context;
  const describe = (cluster: ClusterRecord): sdk.Cluster => {
    const tasks = records.tasks.list(cluster.name);
    const services = records.services.list(cluster.name).filter(({ status }) => status !== 'INACTIVE');
    return {
      clusterArn: clusterArn(cloud, cluster.name),
      clusterName: cluster.name,
      status: 'ACTIVE',
      registeredContainerInstancesCount: 0,
      runningTasksCount: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
      pendingTasksCount: tasks.filter(({ lastStatus }) => lastStatus === 'PENDING').length,
      activeServicesCount: services.length,
      statistics: [],
      settings: cluster.settings,
      capacityProviders: cluster.capacityProviders,
      defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
      tags: cluster.tags,
      ...(cluster.configuration ? { configuration: cluster.configuration } : {}),
    };
  };
  const change = (name: string | undefined, changes: Partial<ClusterRecord>): { cluster: sdk.Cluster } => ({
    cluster: describe(records.clusters.save({ ...findCluster(context, name), ...changes })),
  });
  return {
    CreateCluster(input: Input<sdk.CreateClusterRequest>) {
      const name = input.clusterName ?? DEFAULT;
      const cluster = records.clusters.find(name) ?? {
        name,
        settings: input.settings ?? [{ name: 'containerInsights', value: 'disabled' }],
        capacityProviders: input.capacityProviders ?? [],
        defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
        tags: input.tags ?? [],
        ...(input.configuration ? { configuration: input.configuration } : {}),
      };
      return { cluster: describe(records.clusters.save(cluster)) };
    },
    DescribeClusters(input: Input<sdk.DescribeClustersRequest>) {
      const wanted = input.clusters ?? [DEFAULT];
      const found = wanted.map((name) => ({ name, cluster: records.clusters.find(shortName(name)) }));
      return {
        clusters: found.flatMap(({ cluster }) => (cluster ? [describe(cluster)] : [])),
        failures: found.flatMap(({ name, cluster }) =>
          cluster ? [] : [{ arn: clusterArn(cloud, shortName(name)), reason: 'MISSING' }],
        ),
      };
    },
    ListClusters() {
      return { clusterArns: records.clusters.list().map(({ name }) => clusterArn(cloud, name)) };
    },
    UpdateCluster(input: Input<sdk.UpdateClusterRequest>) {
      return change(input.cluster, {
        ...(input.settings ? { settings: input.settings } : {}),
        ...(input.configuration ? { configuration: input.configuration } : {}),
      });
    },
    UpdateClusterSettings(input: Input<sdk.UpdateClusterSettingsRequest>) {
      return change(input.cluster, { settings: input.settings ?? [] });
    },
    PutClusterCapacityProviders(input: Input<sdk.PutClusterCapacityProvidersRequest>) {
      return change(input.cluster, {
        capacityProviders: input.capacityProviders ?? [],
        defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
      });
    },
    DeleteCluster(input: Input<sdk.DeleteClusterRequest>) {
      const cluster = findCluster(context, input.cluster);
      if (records.services.list(cluster.name).some(({ status }) => status !== 'INACTIVE')) {
        throw new AwsError(
          'ClusterContainsServicesException',
          'The Cluster cannot be deleted while Services are active.',
        );
      }
      if (records.tasks.list(cluster.name).some(({ lastStatus }) => lastStatus !== 'STOPPED')) {
        throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
      }
      const described = describe(cluster);
      records.clusters.remove(cluster);
      return { cluster: { ...described, status: 'INACTIVE' } };
    },
  };
}

/** Tags of clusters, services and task definitions, by ARN. */
export function tagOperations(context: EcsContext): Record<string, Operation> {
  const { records } = context;
  const found = (arn: string): { tags: sdk.Tag[]; save(tags: sdk.Tag[]): void } => {
    const [, , , , , resource = ''] = arn.split(':');
    const [type, first = '', second = ''] = resource.split('/');
    if (type === 'cluster') return taggable(records.clusters, records.clusters.find(first));
    if (type === 'service') return taggable(records.services, records.services.find(first, second));
    if (type === 'task') return taggable(records.tasks, records.tasks.find(first, second));
    const revision = arn.split(':').at(-1) ?? '';
    if (type === 'task-definition')
      return taggable(records.taskDefinitions, records.taskDefinitions.find(first, revision.padStart(8, '0')));
    throw clientException(`The local cloud does not tag ${arn}`);
  };
  return {
    ListTagsForResource: (input: Input<sdk.ListTagsForResourceRequest>) => ({
      tags: found(input.resourceArn ?? '').tags,
    }),
    TagResource(input: Input<sdk.TagResourceRequest>) {
      const resource = found(input.resourceArn ?? '');
      const given = input.tags ?? [];
      resource.save([...resource.tags.filter(({ key }) => !given.some((tag) => tag.key === key)), ...given]);
      return {};
    },
    UntagResource(input: Input<sdk.UntagResourceRequest>) {
      const resource = found(input.resourceArn ?? '');
      resource.save(resource.tags.filter(({ key }) => !(input.tagKeys ?? []).includes(key ?? '')));
      return {};
    },
  };
}

function taggable<Value extends { readonly tags: sdk.Tag[] }>(
  table: { save(value: Value): Value },
  record: Value | undefined,
): { tags: sdk.Tag[]; save(tags: sdk.Tag[]): void } {
  if (!record) throw invalidArn();
  return { tags: record.tags, save: (tags) => void table.save({ ...record, tags }) };
}

const invalidArn = (): AwsError =>
  new AwsError('InvalidParameterException', 'The specified resource is not found. Specify a valid resource ARN.');
