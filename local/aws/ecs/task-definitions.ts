import type * as sdk from '@aws-sdk/client-ecs';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { Operation } from '../kit/service.ts';
import { parseTaskDefinition, taskDefinitionArn } from './arns.ts';
import type { EcsContext } from './context.ts';
import { clientException, type TaskDefinitionRecord } from './records.ts';

/** Memory in MiB that Fargate has for each number of CPU units. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
const FARGATE_MEMORY: Readonly<Record<string, (memory: number) => boolean>> = {
  '256': (memory) => [512, 1024, 2048].includes(memory),
  '512': (memory) => inSteps(memory, [1024, 4096, 1024]),
  '1024': (memory) => inSteps(memory, [2048, 8192, 1024]),
  '2048': (memory) => inSteps(memory, [4096, 16_384, 1024]),
  '4096': (memory) => inSteps(memory, [8192, 30_720, 1024]),
  '8192': (memory) => inSteps(memory, [16_384, 61_440, 4096]),
  '16384': (memory) => inSteps(memory, [32_768, 122_880, 8192]),
};

const inSteps = (value: number, [from, to, step]: readonly [number, number, number]): boolean =>
  value >= from && value <= to && (value - from) % step === 0;

/** The revision that a request means: by family and revision, or the family's newest ACTIVE one. */
export function findTaskDefinition(
  { records }: Pick<EcsContext, 'records'>,
  nameOrArn: string,
): TaskDefinitionRecord | undefined {
  const { family, revision } = parseTaskDefinition(nameOrArn);
  if (revision !== undefined) return records.taskDefinitions.find(family, String(revision).padStart(8, '0'));
  return records.taskDefinitions.list(family).findLast(({ status }) => status === 'ACTIVE');
}

export function describeTaskDefinition(
  { cloud }: Pick<EcsContext, 'cloud'>,
  record: TaskDefinitionRecord,
): sdk.TaskDefinition {
  const { family, revision, status, registeredAt, deregisteredAt, definition } = record;
  return {
    taskDefinitionArn: taskDefinitionArn(cloud, family, revision),
    family,
    revision,
    status,
    registeredAt: new Date(registeredAt),
    ...(deregisteredAt === undefined ? {} : { deregisteredAt: new Date(deregisteredAt) }),
    ...definition,
  };
}

export function taskDefinitionOperations(context: EcsContext): Record<string, Operation> {
  const { cloud, records } = context;
  const get = (nameOrArn: string | undefined): TaskDefinitionRecord => {
    const record = findTaskDefinition(context, nameOrArn ?? '');
    if (!record) throw clientException('Unable to describe task definition.');
    return record;
  };
  return {
    RegisterTaskDefinition(input: Input<sdk.RegisterTaskDefinitionRequest>) {
      checkDefinition(input);
      const { family = '', tags = [], ...definition } = input;
      const record = cloud.store.transaction(() =>
        records.taskDefinitions.save({
          family,
          revision: records.nextRevision(family),
          status: 'ACTIVE',
          registeredAt: cloud.now(),
          definition: withDefaults(definition),
          tags,
        }),
      );
      return { taskDefinition: describeTaskDefinition(context, record), tags };
    },
    DescribeTaskDefinition(input: Input<sdk.DescribeTaskDefinitionRequest>) {
      const record = get(input.taskDefinition);
      return {
        taskDefinition: describeTaskDefinition(context, record),
        ...(input.include?.includes('TAGS') ? { tags: record.tags } : {}),
      };
    },
    DeregisterTaskDefinition(input: Input<sdk.DeregisterTaskDefinitionRequest>) {
      const record = get(input.taskDefinition);
      const inactive = { ...record, status: 'INACTIVE' as const, deregisteredAt: cloud.now() };
      return { taskDefinition: describeTaskDefinition(context, records.taskDefinitions.save(inactive)) };
    },
    ListTaskDefinitions(input: Input<sdk.ListTaskDefinitionsRequest>) {
      const status = input.status ?? 'ACTIVE';
      const all = input.familyPrefix
        ? records.taskDefinitions.list(input.familyPrefix)
        : records.taskDefinitions.list();
      const wanted = all.filter((record) => record.status === status);
      const key = ({ family, revision }: TaskDefinitionRecord): string =>
        `${family}/${String(revision).padStart(8, '0')}`;
      const part = page(wanted, { key, after: input.nextToken, limit: input.maxResults ?? 100 });
      const arns = part.items.map(({ family, revision }) => taskDefinitionArn(cloud, family, revision));
      return { taskDefinitionArns: input.sort === 'DESC' ? arns.toReversed() : arns, nextToken: part.next };
    },
    ListTaskDefinitionFamilies(input: Input<sdk.ListTaskDefinitionFamiliesRequest>) {
      const families = records.taskDefinitions
        .list()
        .filter(({ family }) => family.startsWith(input.familyPrefix ?? ''))
        .filter(({ status }) => !input.status || input.status === 'ALL' || status === input.status)
        .map(({ family }) => family);
      return { families: [...new Set(families)] };
    },
  };
}

function withDefaults(
  definition: Omit<Input<sdk.RegisterTaskDefinitionRequest>, 'family' | 'tags'>,
): TaskDefinitionRecord['definition'] {
  const containerDefinitions = (definition.containerDefinitions ?? []).map((container) => ({
    cpu: 0,
    essential: true,
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...container,
    environment: container.environment ?? [],
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      hostPort: mapping.containerPort,
      protocol: 'tcp' as const,
      ...mapping,
    })),
  }));
  return {
    placementConstraints: [],
    volumes: [],
    compatibilities: ['EC2', 'FARGATE'],
    ...definition,
    containerDefinitions,
  };
}

function checkDefinition(input: Input<sdk.RegisterTaskDefinitionRequest>): void {
  const containers = input.containerDefinitions ?? [];
  if (containers.length === 0) throw clientException('Container list cannot be empty.');
  if (containers.length > 1)
    throw clientException('The local cloud runs one container per task; this task definition has more.');
  for (const { name, image } of containers) {
    if (!name) throw clientException('Container.name should not be null or empty.');
    if (!image) throw clientException('Container.image should not be null or empty.');
  }
  if (!input.requiresCompatibilities?.includes('FARGATE')) return;
  if (input.networkMode !== 'awsvpc') throw clientException("Fargate only supports network mode 'awsvpc'.");
  if (!input.executionRoleArn && containers.some(({ secrets }) => (secrets ?? []).length > 0)) {
    throw clientException('Fargate requires task definition to have execution role ARN to support secrets.');
  }
  const fits = FARGATE_MEMORY[input.cpu ?? '']?.(Number(input.memory));
  if (!fits)
    throw clientException(
      `No Fargate configuration exists for given values: ${input.cpu} CPU, ${input.memory} memory.`,
    );
}
