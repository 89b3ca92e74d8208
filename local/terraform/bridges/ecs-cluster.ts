import { absentOn } from '../engine/context.ts';
import type { Backend, ResourceDefinition } from '../engine/definition.ts';
import { requireText } from '../schema/value.ts';
import { changed, changeTags, lowerTagList, tagsFromLower } from './common.ts';
import { shapeOf } from './shape.ts';

const SERVICE = 'ecs';
const shape = shapeOf('aws_ecs_cluster', { style: 'camel', rename: { setting: 'settings' } });
const SETTINGS = ['configuration', 'service_connect_defaults', 'setting'];

interface Cluster {
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly status: string;
  readonly tags?: { key?: string; value?: string }[];
}

const backend: Backend = {
  async create(planned, context) {
    const input = {
      clusterName: requireText(planned, 'name'),
      ...shape.toSdk(planned, SETTINGS),
      tags: lowerTagList(planned),
    };
    const { cluster } = await context.call<{ cluster: Cluster }>(SERVICE, 'CreateCluster', input);
    return { id: cluster.clusterArn };
  },
  async read(state, context) {
    const input = {
      clusters: [requireText(state, 'id')],
      include: ['CONFIGURATIONS', 'SETTINGS', 'TAGS'],
    };
    const { clusters } = await context.call<{ clusters?: Cluster[] }>(SERVICE, 'DescribeClusters', input);
    const cluster = clusters?.[0];
    if (!cluster || cluster.status === 'INACTIVE') return undefined;
    return {
      ...shape.fromSdk(cluster, SETTINGS),
      id: cluster.clusterArn,
      arn: cluster.clusterArn,
      name: cluster.clusterName,
      tags_all: tagsFromLower(cluster.tags),
    };
  },
  async update(prior, planned, context) {
    const arn = requireText(prior, 'id');
    if (changed(prior, planned, SETTINGS)) {
      await context.call(SERVICE, 'UpdateCluster', { cluster: arn, ...shape.toSdk(planned, SETTINGS) });
    }
    await changeTags(prior, planned, {
      set: (tags) => context.call(SERVICE, 'TagResource', { resourceArn: arn, tags: lowerCase(tags) }),
      remove: (tagKeys) => context.call(SERVICE, 'UntagResource', { resourceArn: arn, tagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    await absentOn(['ClusterNotFoundException'], () =>
      context.call(SERVICE, 'DeleteCluster', { cluster: requireText(state, 'id') }),
    );
  },
};

/** Tags as ECS spells them. */
export const lowerCase = (tags: readonly { Key: string; Value: string }[]): { key: string; value: string }[] =>
  tags.map(({ Key, Value }) => ({ key: Key, value: Value }));

export const ecsCluster: ResourceDefinition = {
  backend,
  defaults: { 'configuration.execute_command_configuration.logging': 'DEFAULT' },
  forceNew: ['name'],
  computedBlocks: ['setting'],
  oneOf: {
    'setting.name': ['containerInsights'],
    'configuration.execute_command_configuration.logging': ['NONE', 'DEFAULT', 'OVERRIDE'],
  },
};
