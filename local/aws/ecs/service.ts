import type { Cloud } from '../../cloud.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { AwsService } from '../kit/service.ts';
import { clusterOperations, tagOperations } from './clusters.ts';
import type { EcsContext, TaskRunner } from './context.ts';
import { createController } from './controller.ts';
import { type EcsRecords, openRecords } from './records.ts';
import { serviceDeploymentOperations } from './service-deployments.ts';
import { serviceOperations } from './services.ts';
import { deregisterTargets, groupsOfTask } from './targets.ts';
import { taskDefinitionOperations } from './task-definitions.ts';
import { createTaskRunner } from './task-runner.ts';
import { taskOperations } from './tasks.ts';

export interface ContainerService extends AwsService {
  /** A fault: kills what runs in a service's tasks; returns how many there were. */
  crash(cluster: string, service: string): number;
}

/**
 * ECS on Fargate: task definitions, services with rolling deployments and circuit breaker or canary and blue/green deployments, tasks that run their images in the local runtime. Bake times and grace periods
 * are the declared ones divided by `speed`; stop timeouts are not, because programs end no faster here than on AWS. CPU, memory, security groups and the network of a task are not emulated.
 */
export function createEcsService(
  cloud: Cloud,
  runtime: Runtime,
  { speed = 20 }: { readonly speed?: number } = {},
): ContainerService {
  const records = openRecords(cloud);
  const controller = createController({ cloud, records, speed, runner: () => tasks });
  const tasks: TaskRunner = createTaskRunner({
    cloud,
    records,
    runtime,
    onChange: (task) => controller.taskChanged(task),
  });
  const context: EcsContext = { cloud, records, tasks, wake: controller.wake };
  return {
    name: 'ecs',
    operations: {
      ...clusterOperations(context),
      ...taskDefinitionOperations(context),
      ...serviceOperations(context),
      ...serviceDeploymentOperations(context),
      ...taskOperations(context),
      ...tagOperations(context),
    },
    crash: (cluster, service) =>
      records.tasks.list(cluster).filter((task) => task.group === `service:${service}` && tasks.crash(task)).length,
    async start() {
      await forgetLostTasks(cloud, records);
      for (const service of records.services.list()) if (service.status !== 'INACTIVE') controller.wake(service);
    },
    async stop() {
      controller.close();
      await tasks.close();
    },
  };
}

/** Tasks do not outlive the local cloud: what was running is STOPPED now, and services start their tasks anew. */
async function forgetLostTasks(cloud: Cloud, records: EcsRecords): Promise<void> {
  for (const task of records.tasks.list().filter(({ lastStatus }) => lastStatus !== 'STOPPED')) {
    const service = records.services.list(task.cluster).find(({ name }) => task.group === `service:${name}`);
    await deregisterTargets(cloud, groupsOfTask(task, service), task.port);
    records.tasks.save({
      ...task,
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stoppedAt: cloud.now(),
      stopCode: task.stopCode ?? 'TerminationNotice',
      stoppedReason: task.stoppedReason ?? 'The local cloud was stopped',
    });
  }
}
