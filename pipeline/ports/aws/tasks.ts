import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  type ECSClientConfig,
  ListTasksCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import type { Tasks } from '../tasks.ts';

const idOf = (arn = ''): string => arn.split('/').at(-1) ?? '';

export function createTasks(options: ECSClientConfig): Tasks {
  const client = new ECSClient(options);
  return {
    async run({ cluster, service, taskDefinition, container, command, startedBy }) {
      const { services = [] } = await client.send(new DescribeServicesCommand({ cluster, services: [service] }));
      const network = services[0]?.networkConfiguration ?? services[0]?.deployments?.[0]?.networkConfiguration;
      const { tasks = [], failures = [] } = await client.send(
        new RunTaskCommand({
          cluster,
          taskDefinition,
          startedBy,
          launchType: 'FARGATE',
          ...(network && { networkConfiguration: network }),
          overrides: { containerOverrides: [{ name: container, command: [...command] }] },
        }),
      );
      const [task] = tasks;
      if (task === undefined) throw new Error(`ECS started no task: ${failures[0]?.reason ?? 'it did not say why'}`);
      return { cluster, id: idOf(task.taskArn) };
    },
    async running({ cluster, startedBy }) {
      const { taskArns = [] } = await client.send(
        new ListTasksCommand({ cluster, startedBy, desiredStatus: 'RUNNING' }),
      );
      return taskArns.map((arn) => ({ cluster, id: idOf(arn) }));
    },
    async look({ cluster, id }) {
      const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [id] }));
      const [task] = tasks;
      if (task === undefined) return { stopped: true, stoppedReason: 'ECS does not know the task any more' };
      const [container] = task.containers ?? [];
      return {
        stopped: task.lastStatus === 'STOPPED',
        stoppedReason: [task.stoppedReason, container?.reason].filter(Boolean).join('; '),
        ...(container?.exitCode === undefined ? {} : { exitCode: container.exitCode }),
      };
    },
  };
}
