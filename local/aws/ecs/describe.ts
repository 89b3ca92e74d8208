import type * as sdk from '@aws-sdk/client-ecs';
import { clusterArn, serviceArn, taskArn } from './arns.ts';
import type { EcsContext } from './context.ts';
import type { DeploymentRecord, ServiceRecord, TaskRecord } from './records.ts';
import { findTaskDefinition } from './task-definitions.ts';

type Described = Pick<EcsContext, 'cloud' | 'records'>;

export function describeService(context: Described, service: ServiceRecord): sdk.Service {
  const { cloud, records } = context;
  const { settings } = service;
  const tasks = records.tasks.list(service.cluster).filter(({ group }) => group === `service:${service.name}`);
  return {
    serviceArn: serviceArn(cloud, service.cluster, service.name),
    serviceName: service.name,
    clusterArn: clusterArn(cloud, service.cluster),
    status: service.status,
    desiredCount: service.desiredCount,
    ...counts(tasks),
    taskDefinition: service.taskDefinitionArn,
    deployments: service.deployments.map((deployment) => describeDeployment(service, deployment, tasks)),
    events: service.events.map(({ id, createdAt, message }) => ({ id, createdAt: new Date(createdAt), message })),
    createdAt: new Date(service.createdAt),
    roleArn: `arn:aws:iam::${cloud.accountId}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
    placementConstraints: [],
    placementStrategy: [],
    tags: service.tags,
    ...(settings as Partial<sdk.Service>),
  };
}

function describeDeployment(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  tasks: readonly TaskRecord[],
): sdk.Deployment {
  const mine = tasks.filter(({ startedBy }) => startedBy === deployment.id);
  const { networkConfiguration, launchType, capacityProviderStrategy, platformVersion } = service.settings;
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinitionArn,
    desiredCount: deployment.status === 'PRIMARY' ? service.desiredCount : 0,
    ...counts(mine),
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
    ...(networkConfiguration ? { networkConfiguration } : {}),
    ...(launchType ? { launchType } : {}),
    ...(capacityProviderStrategy ? { capacityProviderStrategy } : {}),
    ...(platformVersion ? { platformVersion } : {}),
  };
}

function counts(tasks: readonly TaskRecord[]): { runningCount: number; pendingCount: number } {
  return {
    runningCount: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    pendingCount: tasks.filter(({ lastStatus }) => lastStatus === 'PENDING' || lastStatus === 'PROVISIONING').length,
  };
}

export function describeTask(context: Described, task: TaskRecord): sdk.Task {
  const { cloud } = context;
  const record = findTaskDefinition(context, task.taskDefinitionArn);
  const container = record?.definition.containerDefinitions?.[0];
  const arn = taskArn(cloud, task.cluster, task.id);
  const date = (name: string, value: number | undefined) => (value === undefined ? {} : { [name]: new Date(value) });
  return {
    taskArn: arn,
    clusterArn: clusterArn(cloud, task.cluster),
    taskDefinitionArn: task.taskDefinitionArn,
    group: task.group,
    startedBy: task.startedBy,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    launchType: (task.launchType ?? 'FARGATE') as sdk.LaunchType,
    cpu: record?.definition.cpu,
    memory: record?.definition.memory,
    version: 1,
    tags: task.tags,
    attachments: [],
    overrides: task.overrides ?? { containerOverrides: [] },
    containers: [
      {
        containerArn: arn.replace(':task/', ':container/'),
        taskArn: arn,
        name: container?.name,
        image: container?.image,
        lastStatus: task.lastStatus,
        networkBindings: [],
        networkInterfaces: task.port === undefined ? [] : [{ attachmentId: task.id, privateIpv4Address: '127.0.0.1' }],
        ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
        ...(task.containerReason === undefined ? {} : { reason: task.containerReason }),
      },
    ],
    ...date('createdAt', task.createdAt),
    ...date('startedAt', task.startedAt),
    ...date('stoppingAt', task.stoppingAt),
    ...date('stoppedAt', task.stoppedAt),
    ...(task.stopCode ? { stopCode: task.stopCode } : {}),
    ...(task.stoppedReason ? { stoppedReason: task.stoppedReason } : {}),
  };
}
