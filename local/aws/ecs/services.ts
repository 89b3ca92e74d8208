import type * as sdk from '@aws-sdk/client-ecs';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import { parseTaskDefinition, serviceArn, shortName, taskDefinitionArn } from './arns.ts';
import { findCluster } from './clusters.ts';
import type { EcsContext } from './context.ts';
import { newDeployment, withDeployment } from './deployments.ts';
import { describeService } from './describe.ts';
import { clientException, invalidParameter, type ServiceRecord, type ServiceSettings } from './records.ts';
import { beginShift, isShifting } from './shifts.ts';
import { findTaskDefinition } from './task-definitions.ts';

const SETTINGS = [
  'loadBalancers',
  'networkConfiguration',
  'deploymentConfiguration',
  'healthCheckGracePeriodSeconds',
  'launchType',
  'capacityProviderStrategy',
  'platformVersion',
  'propagateTags',
  'enableECSManagedTags',
  'enableExecuteCommand',
  'deploymentController',
  'schedulingStrategy',
  'serviceRegistries',
  'availabilityZoneRebalancing',
] as const satisfies readonly (keyof ServiceSettings)[];

/** Services: create, update, delete, describe. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ */
export function serviceOperations(context: EcsContext): Record<string, Operation> {
  const { cloud, records } = context;
  const revision = (nameOrArn: string): string => {
    const found = findTaskDefinition(context, nameOrArn);
    if (found?.status !== 'ACTIVE') {
      const { family, revision: number } = parseTaskDefinition(nameOrArn);
      throw found
        ? clientException('TaskDefinition is inactive')
        : clientException(`Unable to find task definition ${family}${number ? `:${number}` : ''}`);
    }
    return taskDefinitionArn(cloud, found.family, found.revision);
  };
  const active = (cluster: string | undefined, service: string | undefined): ServiceRecord => {
    const found = records.services.find(findCluster(context, cluster).name, shortName(service ?? ''));
    if (!found) throw new AwsError('ServiceNotFoundException', 'Service not found.');
    if (found.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    return found;
  };
  const changed = (service: ServiceRecord): { service: sdk.Service } => {
    records.services.save(service);
    context.wake(service);
    return { service: describeService(context, service) };
  };
  return {
    async CreateService(input: Input<sdk.CreateServiceRequest>) {
      await checkTargetGroups(cloud, input);
      const cluster = findCluster(context, input.cluster).name;
      const name = input.serviceName ?? '';
      const known = records.services.find(cluster, name);
      if (known && known.status !== 'INACTIVE') throw invalidParameter('Creation of service was not idempotent.');
      checkRequest(input);
      const arn = revision(input.taskDefinition ?? '');
      return changed({
        name,
        cluster,
        status: 'ACTIVE',
        desiredCount: input.desiredCount ?? 0,
        taskDefinitionArn: arn,
        createdAt: cloud.now(),
        deployments: [newDeployment(arn, cloud.now())],
        events: [],
        settings: { ...DEFAULTS, ...pick(input) },
        tags: input.tags ?? [],
      });
    },
    UpdateService(input: Input<sdk.UpdateServiceRequest>) {
      checkRequest(input);
      const service = active(input.cluster, input.service);
      const settings = { ...service.settings, ...pick(input) };
      const desiredCount = input.desiredCount ?? service.desiredCount;
      const arn = input.taskDefinition ? revision(input.taskDefinition) : service.taskDefinitionArn;
      const updated = { ...service, settings, desiredCount };
      const moves = arn !== service.taskDefinitionArn || input.forceNewDeployment;
      if (!moves) return changed(updated);
      const moving = withDeployment(updated, newDeployment(arn, cloud.now()));
      return changed(isShifting(moving) ? beginShift(cloud, records, moving) : moving);
    },
    DeleteService(input: Input<sdk.DeleteServiceRequest>) {
      const service = active(input.cluster, input.service);
      if (service.desiredCount > 0 && !input.force) {
        throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
      }
      return changed({ ...service, desiredCount: 0, status: 'DRAINING' });
    },
    DescribeServices(input: Input<sdk.DescribeServicesRequest>) {
      const cluster = findCluster(context, input.cluster).name;
      const wanted = (input.services ?? []).map(shortName);
      const found = wanted.map((name) => ({ name, service: records.services.find(cluster, name) }));
      return {
        services: found.flatMap(({ service }) => (service ? [describeService(context, service)] : [])),
        failures: found.flatMap(({ name, service }) =>
          service ? [] : [{ arn: serviceArn(cloud, cluster, name), reason: 'MISSING' }],
        ),
      };
    },
    ListServices(input: Input<sdk.ListServicesRequest>) {
      const cluster = findCluster(context, input.cluster).name;
      const services = records.services.list(cluster).filter(({ status }) => status !== 'INACTIVE');
      return { serviceArns: services.map(({ name }) => serviceArn(cloud, cluster, name)) };
    },
  };
}

const DEFAULTS: ServiceSettings = {
  loadBalancers: [],
  deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
  schedulingStrategy: 'REPLICA',
  deploymentController: { type: 'ECS' },
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  propagateTags: 'NONE',
  platformVersion: 'LATEST',
};

function pick(input: Partial<ServiceSettings>): ServiceSettings {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])),
  ) as ServiceSettings;
}

/** ECS refuses a target group that no listener or rule forwards to yet, whichever order Terraform would like. */
async function checkTargetGroups(cloud: Cloud, input: Input<sdk.CreateServiceRequest>): Promise<void> {
  for (const { targetGroupArn } of input.loadBalancers ?? []) {
    if (!targetGroupArn) continue;
    const { TargetGroups } = await cloud.invoke<{ TargetGroups?: { LoadBalancerArns?: string[] }[] }>(
      'elasticloadbalancing',
      'DescribeTargetGroups',
      { TargetGroupArns: [targetGroupArn] },
    );
    if (TargetGroups?.[0]?.LoadBalancerArns?.length) continue;
    throw invalidParameter(
      `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
    );
  }
}

function checkRequest(input: Input<sdk.CreateServiceRequest> | Input<sdk.UpdateServiceRequest>): void {
  const controller = 'deploymentController' in input ? input.deploymentController?.type : undefined;
  if (controller && controller !== 'ECS')
    throw invalidParameter(`The local cloud does not support the deployment controller ${controller}.`);
  const strategy = input.deploymentConfiguration?.strategy;
  if (strategy && !['ROLLING', 'CANARY', 'BLUE_GREEN'].includes(strategy))
    throw invalidParameter(`The local cloud does not support the deployment strategy ${strategy}.`);
  if (input.networkConfiguration?.awsvpcConfiguration?.subnets?.length === 0)
    throw invalidParameter('subnets can not be empty.');
}
