import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { blocks, number, requireText, text, type Value, type Values } from '../schema/value.ts';
import { changeTags, lowerTagList, tagsFromLower, waitUntil } from './common.ts';
import { lowerCase } from './ecs-cluster.ts';
import { newService, type Service, serviceAttributes, serviceChanges } from './ecs-service-shape.ts';

const SERVICE = 'ecs';
const GONE = ['ClusterNotFoundException', 'ServiceNotFoundException', 'ServiceNotActiveException'];

const backend: Backend = {
  async create(planned, context) {
    const { service } = await context.call<{ service: Service }>(SERVICE, 'CreateService', {
      ...newService(planned),
      serviceName: requireText(planned, 'name'),
      cluster: text(planned, 'cluster'),
      tags: lowerTagList(planned),
    });
    return { id: service.serviceArn };
  },
  async complete(created, context) {
    if (created['wait_for_steady_state'] === true) await waitForSteadyState(created, context);
  },
  async read(state, context) {
    const service = await describe(requireText(state, 'id'), text(state, 'cluster'), context);
    return service && serviceAttributes(service, tagsFromLower(service.tags));
  },
  async update(prior, planned, context) {
    const arn = requireText(prior, 'id');
    const forceNewDeployment = planned['force_new_deployment'] === true ? true : undefined;
    const input = serviceChanges(prior, planned);
    if (forceNewDeployment || Object.keys(input).length > 0) {
      const service = { service: arn, cluster: text(prior, 'cluster') };
      await context.call(SERVICE, 'UpdateService', { ...input, forceNewDeployment, ...service });
      if (planned['wait_for_steady_state'] === true) await waitForSteadyState({ ...planned, id: arn }, context);
    }
    await changeTags(prior, planned, {
      set: (tags) => context.call(SERVICE, 'TagResource', { resourceArn: arn, tags: lowerCase(tags) }),
      remove: (tagKeys) => context.call(SERVICE, 'UntagResource', { resourceArn: arn, tagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    const target = { service: requireText(state, 'id'), cluster: text(state, 'cluster') };
    const isScaledDown = (number(state, 'desired_count') ?? 0) === 0 || state['scheduling_strategy'] === 'DAEMON';
    if (!isScaledDown)
      await absentOn(GONE, () => context.call(SERVICE, 'UpdateService', { ...target, desiredCount: 0 }));
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteService', { ...target, force: true }));
    const isGone = async () => !(await describe(target.service, target.cluster, context, 'draining too'));
    await waitUntil(`ECS Service (${target.service}) to be deleted`, context, isGone);
  },
  importState(id, context) {
    const [cluster = '', name = ''] = id.split('/').slice(-2);
    const arn = id.startsWith('arn:') ? id : context.arn('ecs', `service/${cluster}/${name}`);
    return { id: arn, name, cluster: context.arn('ecs', `cluster/${cluster}`) };
  },
};

async function describe(
  service: string,
  cluster: string | undefined,
  context: Context,
  mode: 'active' | 'draining too' = 'active',
): Promise<Service | undefined> {
  const input = { services: [service], cluster, include: ['TAGS'] };
  const answer = await absentOn(GONE, () => context.call<{ services?: Service[] }>(SERVICE, 'DescribeServices', input));
  const found = answer?.services?.[0];
  if (!found || found.status === 'INACTIVE') return undefined;
  return found.status === 'DRAINING' && mode === 'active' ? undefined : found;
}

function waitForSteadyState(values: Values, context: Context): Promise<void> {
  const arn = requireText(values, 'id');
  return waitUntil(`ECS Service (${arn}) to reach a steady state`, context, async () => {
    const service = await describe(arn, text(values, 'cluster'), context);
    return service?.deployments?.length === 1 && service.runningCount === service.desiredCount;
  });
}

const lastPart = (value: Value): string => String(value).split('/').at(-1) ?? '';

const sameStrategy = (prior: Values, planned: Values): boolean => {
  const providers = (values: Values): string[] =>
    blocks(values, 'capacity_provider_strategy').map(
      (item) => `${text(item, 'capacity_provider')} ${number(item, 'base') ?? 0} ${number(item, 'weight') ?? 0}`,
    );
  return String(providers(prior).sort()) === String(providers(planned).sort());
};

export const ecsService: ResourceDefinition = {
  backend,
  defaults: {
    deployment_maximum_percent: 200,
    deployment_minimum_healthy_percent: 100,
    enable_ecs_managed_tags: false,
    enable_execute_command: false,
    scheduling_strategy: 'REPLICA',
    sigint_rollback: false,
    wait_for_steady_state: false,
    'network_configuration.assign_public_ip': false,
    'deployment_controller.type': 'ECS',
  },
  forceNew: ['cluster', 'deployment_controller', 'iam_role', 'launch_type', 'name', 'scheduling_strategy'],
  computedBlocks: ['deployment_configuration'],
  // Tasks move to another strategy with a new deployment only, and never between a strategy and none.
  replaces: (prior, planned) => {
    const [before, after] = [prior, planned].map((values) => blocks(values, 'capacity_provider_strategy').length > 0);
    const moves = planned['force_new_deployment'] === true && before === after;
    return moves || sameStrategy(prior, planned) ? [] : ['capacity_provider_strategy'];
  },
  equivalent: {
    cluster: (left, right) => lastPart(left) === lastPart(right),
    propagate_tags: (left, right) => (left ?? 'NONE') === (right ?? 'NONE'),
    // A task definition may be given by its ARN or as family:revision.
    task_definition: (left, right) => lastPart(left) === lastPart(right),
  },
  oneOf: {
    launch_type: ['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'],
    scheduling_strategy: ['DAEMON', 'REPLICA'],
    propagate_tags: ['SERVICE', 'TASK_DEFINITION', 'NONE'],
    'deployment_controller.type': ['ECS', 'CODE_DEPLOY', 'EXTERNAL'],
    availability_zone_rebalancing: ['ENABLED', 'DISABLED'],
  },
  validate(config: Values) {
    const desired = number(config, 'desired_count');
    if (desired === undefined || desired >= 0) return [];
    return [
      { path: ['desired_count'], summary: `expected desired_count to be at least (0), got ${desired}`, detail: '' },
    ];
  },
};
