import { absentOn } from '../engine/context.ts';
import type { Backend, ResourceDefinition } from '../engine/definition.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { hasUnknown, requireText, text, type Values } from '../schema/value.ts';
import { changeTags, lowerTagList, tagsFromLower } from './common.ts';
import { sameContainers } from './container-definitions.ts';
import { lowerCase } from './ecs-cluster.ts';
import { shapeOf } from './shape.ts';

const SERVICE = 'ecs';
const shape = shapeOf('aws_ecs_task_definition', {
  style: 'camel',
  rename: {
    volume: 'volumes',
    size_in_gib: 'sizeInGiB',
    configure_at_launch: 'configuredAtLaunch',
    docker_volume_configuration: 'dockerVolumeConfiguration',
    efs_volume_configuration: 'efsVolumeConfiguration',
    file_system_id: 'fileSystemId',
  },
});
const DECLARED = [
  'cpu',
  'enable_fault_injection',
  'ephemeral_storage',
  'execution_role_arn',
  'family',
  'ipc_mode',
  'memory',
  'network_mode',
  'pid_mode',
  'placement_constraints',
  'requires_compatibilities',
  'runtime_platform',
  'task_role_arn',
];

interface TaskDefinition {
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly revision: number;
  readonly status: string;
  readonly containerDefinitions: unknown;
  readonly volumes?: readonly { readonly name: string; readonly host?: { readonly sourcePath?: string } }[];
}

const backend: Backend = {
  async create(planned, context) {
    const { taskDefinition } = await context.call<{ taskDefinition: TaskDefinition }>(
      SERVICE,
      'RegisterTaskDefinition',
      {
        ...shape.toSdk(planned, DECLARED),
        containerDefinitions: parseContainers(planned),
        volumes: volumes(planned),
        tags: lowerTagList(planned),
      },
    );
    const { family, taskDefinitionArn, revision } = taskDefinition;
    return { id: family, arn: taskDefinitionArn, revision };
  },
  async read(state, context) {
    const input = { taskDefinition: text(state, 'arn') ?? requireText(state, 'id'), include: ['TAGS'] };
    const answer = await absentOn(['ClientException'], () =>
      context.call<{ taskDefinition: TaskDefinition; tags?: [] }>(SERVICE, 'DescribeTaskDefinition', input),
    );
    if (!answer || answer.taskDefinition.status === 'INACTIVE') return undefined;
    return attributes(answer.taskDefinition, tagsFromLower(answer.tags));
  },
  async update(prior, planned, context) {
    const resourceArn = requireText(prior, 'arn');
    await changeTags(prior, planned, {
      set: (tags) => context.call(SERVICE, 'TagResource', { resourceArn, tags: lowerCase(tags) }),
      remove: (tagKeys) => context.call(SERVICE, 'UntagResource', { resourceArn, tagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    if (state['skip_destroy'] === true) return;
    await absentOn(['ClientException'], () =>
      context.call(SERVICE, 'DeregisterTaskDefinition', { taskDefinition: requireText(state, 'arn') }),
    );
  },
  importState: (id) => ({ id: id.split('/').at(-1)?.split(':')[0] ?? id, arn: id }),
};

function attributes(definition: TaskDefinition, tags_all: Values): Values {
  const { taskDefinitionArn: arn, family, revision } = definition;
  const volume = (definition.volumes ?? []).map(({ name, host }) => ({ name, host_path: host?.sourcePath ?? null }));
  return {
    ...shape.fromSdk(definition, DECLARED),
    id: family,
    arn,
    arn_without_revision: arn.replace(/:\d+$/, ''),
    revision,
    container_definitions: JSON.stringify(definition.containerDefinitions),
    volume,
    tags_all,
  };
}

function volumes(planned: Values): object[] {
  const { volumes: list = [] } = shape.toSdk(planned, ['volume']);
  return (list as Record<string, unknown>[]).map(({ hostPath, ...volume }) => ({
    ...volume,
    ...(hostPath ? { host: { sourcePath: hostPath } } : {}),
  }));
}

function parseContainers(planned: Values): unknown {
  const definitions = requireText(planned, 'container_definitions');
  try {
    return JSON.parse(definitions);
  } catch (error) {
    const path = ['container_definitions'];
    throw new ProviderError(
      `ECS Task Definition container_definitions is invalid: ${(error as Error).message}`,
      '',
      path,
    );
  }
}

export const ecsTaskDefinition: ResourceDefinition = {
  backend,
  defaults: { skip_destroy: false, track_latest: false },
  forceNew: [...DECLARED, 'container_definitions', 'proxy_configuration', 'volume'],
  equivalent: { container_definitions: sameContainers },
  oneOf: {
    network_mode: ['bridge', 'host', 'awsvpc', 'none'],
    requires_compatibilities: ['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'],
    ipc_mode: ['host', 'none', 'task'],
    pid_mode: ['host', 'task'],
    'runtime_platform.cpu_architecture': ['X86_64', 'ARM64'],
  },
  validate(config) {
    const definitions = config['container_definitions'];
    if (hasUnknown(definitions) || typeof definitions !== 'string') return [];
    try {
      if (Array.isArray(JSON.parse(definitions))) return [];
    } catch {
      // Reported below, like JSON that is no list.
    }
    const summary =
      'ECS Task Definition container_definitions is invalid: it is not a JSON list of container definitions';
    return [{ path: ['container_definitions'], summary, detail: '' }];
  },
};
