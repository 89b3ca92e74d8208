import type * as sdk from '@aws-sdk/client-ecs';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { Operation } from '../kit/service.ts';
import { shortName, taskArn } from './arns.ts';
import { findCluster } from './clusters.ts';
import type { EcsContext } from './context.ts';
import { describeTask } from './describe.ts';
import { clientException, invalidParameter, type TaskRecord } from './records.ts';
import { findTaskDefinition } from './task-definitions.ts';

export function taskOperations(context: EcsContext): Record<string, Operation> {
  const { cloud, records, tasks } = context;
  return {
    RunTask(input: Input<sdk.RunTaskRequest>) {
      const cluster = findCluster(context, input.cluster).name;
      const taskDefinition = findTaskDefinition(context, input.taskDefinition ?? '');
      if (!taskDefinition) throw clientException('TaskDefinition not found.');
      if (taskDefinition.status !== 'ACTIVE') throw clientException('TaskDefinition is inactive');
      const count = input.count ?? 1;
      if (count < 1 || count > 10) throw invalidParameter('count has to be between 1 and 10.');
      const started = Array.from({ length: count }, () =>
        tasks.start({
          cluster,
          taskDefinition,
          group: input.group ?? `family:${taskDefinition.family}`,
          startedBy: input.startedBy ?? '',
          tags: input.tags ?? [],
          ...(input.overrides ? { overrides: input.overrides } : {}),
          ...(input.launchType ? { launchType: input.launchType } : {}),
        }),
      );
      return { tasks: started.map((task) => describeTask(context, task)), failures: [] };
    },
    StopTask(input: Input<sdk.StopTaskRequest>) {
      const cluster = findCluster(context, input.cluster).name;
      const task = records.tasks.find(cluster, shortName(input.task ?? ''));
      if (!task) throw invalidParameter('The referenced task was not found.');
      if (task.lastStatus !== 'STOPPED') {
        void tasks.stop(task, { code: 'UserInitiated', reason: input.reason ?? 'Task stopped by user' });
      }
      return { task: describeTask(context, records.tasks.find(cluster, task.id) ?? task) };
    },
    DescribeTasks(input: Input<sdk.DescribeTasksRequest>) {
      const cluster = findCluster(context, input.cluster).name;
      const found = (input.tasks ?? []).map((name) => ({ name, task: records.tasks.find(cluster, shortName(name)) }));
      return {
        tasks: found.flatMap(({ task }) => (task ? [describeTask(context, task)] : [])),
        failures: found.flatMap(({ name, task }) =>
          task ? [] : [{ arn: taskArn(cloud, cluster, shortName(name)), reason: 'MISSING' }],
        ),
      };
    },
    ListTasks(input: Input<sdk.ListTasksRequest>) {
      const cluster = findCluster(context, input.cluster).name;
      const desired = input.desiredStatus ?? 'RUNNING';
      const wanted = records.tasks
        .list(cluster)
        .filter(({ desiredStatus }) => desiredStatus === desired)
        .filter(({ group }) => !input.serviceName || group === `service:${shortName(input.serviceName)}`)
        .filter(({ startedBy }) => !input.startedBy || startedBy === input.startedBy)
        .filter((task) => !input.family || familyOf(task) === input.family);
      const part = page(wanted, { key: ({ id }) => id, after: input.nextToken, limit: input.maxResults ?? 100 });
      return { taskArns: part.items.map(({ id }) => taskArn(cloud, cluster, id)), nextToken: part.next };
    },
  };
}

const familyOf = ({ taskDefinitionArn }: TaskRecord): string => shortName(taskDefinitionArn).split(':')[0] ?? '';
