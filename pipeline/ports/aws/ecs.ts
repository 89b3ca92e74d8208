import {
  DeregisterTaskDefinitionCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type DescribeTaskDefinitionCommandOutput,
  DescribeTasksCommand,
  ECSClient,
  type ECSClientConfig,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type ServiceDeployment as SdkServiceDeployment,
  type Service,
  StopServiceDeploymentCommand,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type {
  Ecs,
  EcsService,
  RegisteredTaskDefinition,
  ServiceDeployment,
  StoppedTask,
  TaskDefinitionInput,
} from '../ecs.ts';
import { batched } from './batched.ts';

/** Answers on which AWS documents "does not exist" rather than a fault of ours. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  ['ServiceNotFoundException', 'ClusterNotFoundException', 'ClientException'].includes(error.name);

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
const DESCRIBED_AT_ONCE = 10;

export function createEcs(options: ECSClientConfig): Ecs {
  const client = new ECSClient(options);
  const describers = new Map<string, (service: string) => Promise<EcsService | undefined>>();
  const describeIn = (cluster: string) => {
    const ask =
      describers.get(cluster) ?? batched({ limit: DESCRIBED_AT_ONCE, ask: describeServices(client, cluster) });
    describers.set(cluster, ask);
    return ask;
  };
  return {
    describeService: ({ cluster, service }) => describeIn(cluster)(service),
    async updateService({ cluster, service }, change) {
      const answer = await client.send(new UpdateServiceCommand({ cluster, service, ...change }));
      return toService(answer.service ?? {});
    },
    async stoppedTasks({ cluster, service }) {
      const list = await client.send(
        new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED', maxResults: 20 }),
      );
      if (list.taskArns === undefined || list.taskArns.length === 0) return [];
      const answer = await client.send(new DescribeTasksCommand({ cluster, tasks: list.taskArns }));
      return (answer.tasks ?? []).toSorted(byStopTime).map(toStoppedTask);
    },
    async serviceDeployment({ cluster, service }) {
      const list = await client.send(new ListServiceDeploymentsCommand({ cluster, service, maxResults: 20 }));
      const newest = (list.serviceDeployments ?? []).toSorted(
        (a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0),
      )[0]?.serviceDeploymentArn;
      if (newest === undefined) return undefined;
      const answer = await client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [newest] }));
      const found = answer.serviceDeployments?.[0];
      return found && toServiceDeployment(found);
    },
    async rollBackDeployment(arn) {
      await client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' }));
    },
    async register(input) {
      const answer = await client.send(new RegisterTaskDefinitionCommand(input));
      const arn = answer.taskDefinition?.taskDefinitionArn;
      if (arn === undefined) throw new Error(`ECS registered family ${input.family} but named no revision`);
      return arn;
    },
    async deregister(arn) {
      await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));
    },
    async describeTaskDefinition(name) {
      try {
        return toRegistered(await client.send(new DescribeTaskDefinitionCommand({ taskDefinition: name })));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}

/** Service -> what ECS says of it, if it exists. */
function describeServices(client: ECSClient, cluster: string) {
  return async (names: readonly string[]): Promise<ReadonlyMap<string, EcsService>> => {
    try {
      const { services = [] } = await client.send(new DescribeServicesCommand({ cluster, services: [...names] }));
      return new Map(services.map((service) => [service.serviceName ?? '', toService(service)]));
    } catch (error) {
      if (isMissing(error)) return new Map();
      throw error;
    }
  };
}

const byStopTime = (left: Task, right: Task): number =>
  (right.stoppedAt?.getTime() ?? 0) - (left.stoppedAt?.getTime() ?? 0);

function toService(service: Service): EcsService {
  return {
    status: service.status ?? 'INACTIVE',
    taskDefinition: service.taskDefinition ?? '',
    desired: service.desiredCount ?? 0,
    ...(service.deploymentConfiguration && { deploymentConfiguration: service.deploymentConfiguration }),
    deployments: (service.deployments ?? []).map((deployment) => ({
      id: deployment.id ?? '',
      status: deployment.status ?? '',
      taskDefinition: deployment.taskDefinition ?? '',
      rolloutState: deployment.rolloutState ?? '',
      rolloutStateReason: deployment.rolloutStateReason ?? '',
      desired: deployment.desiredCount ?? 0,
      running: deployment.runningCount ?? 0,
      failedTasks: deployment.failedTasks ?? 0,
    })),
    events: (service.events ?? []).map((event) => event.message ?? ''),
  };
}

const toServiceDeployment = (deployment: SdkServiceDeployment): ServiceDeployment => ({
  arn: deployment.serviceDeploymentArn ?? '',
  status: deployment.status ?? '',
  reason: deployment.statusReason ?? '',
  stage: deployment.lifecycleStage ?? '',
  trafficPercent: deployment.targetServiceRevision?.requestedProductionTrafficWeight ?? 0,
});

function toStoppedTask(task: Task): StoppedTask {
  const container = task.containers?.[0];
  return {
    id: task.taskArn?.split('/').at(-1) ?? '',
    taskDefinition: task.taskDefinitionArn ?? '',
    stoppedReason: [task.stoppedReason, container?.reason].filter(Boolean).join('; '),
    ...(container?.exitCode === undefined ? {} : { exitCode: container.exitCode }),
  };
}

/** What DescribeTaskDefinition adds to what was registered; registering refuses these. */
const DESCRIBE_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
];

function toRegistered({ taskDefinition }: DescribeTaskDefinitionCommandOutput): RegisteredTaskDefinition | undefined {
  if (taskDefinition?.taskDefinitionArn === undefined) return undefined;
  const input = Object.fromEntries(
    Object.entries(taskDefinition).filter(([name, value]) => value !== undefined && !DESCRIBE_ONLY.includes(name)),
  ) as unknown as TaskDefinitionInput;
  return { arn: taskDefinition.taskDefinitionArn, active: taskDefinition.status === 'ACTIVE', input };
}
