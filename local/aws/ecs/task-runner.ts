import { randomBytes } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-ecs';
import type { Cloud } from '../../cloud.ts';
import { type Container, type Exit, exitCodeOf, type Runtime } from '../../runtime/runtime.ts';
import { containerCredentials } from '../sts/credentials.ts';
import { taskDefinitionArn } from './arns.ts';
import type { NewTask, StopReason, TaskRunner } from './context.ts';
import { resolveImage } from './image.ts';
import { createPorts } from './ports.ts';
import type { EcsRecords, TaskRecord } from './records.ts';
import { resolveSecrets } from './secrets.ts';
import { deregisterTargets, drainTargets, groupsOfTask, registerTargets } from './targets.ts';
import { openTaskLog, type TaskLog } from './task-log.ts';

interface Options {
  readonly cloud: Cloud;
  readonly records: EcsRecords;
  readonly runtime: Runtime;
  onChange(task: TaskRecord): void;
}

const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

/** Runs tasks: one container each, on 127.0.0.1 and a port of its own (the network is shared; see the runtime's limitations). */
export function createTaskRunner(options: Options): TaskRunner {
  const { cloud, records, runtime, onChange } = options;
  const containers = new Map<string, Container>();
  const stops = new Map<string, Promise<void>>();
  const underWay = new Set<Promise<void>>();
  const ports = createPorts();
  let closed = false;

  const save = (task: TaskRecord, change: Partial<TaskRecord>): TaskRecord => {
    const saved = records.tasks.save({ ...(records.tasks.find(task.cluster, task.id) ?? task), ...change });
    onChange(saved);
    return saved;
  };
  /** What still writes records when the cloud closes is waited for: the store closes next. */
  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };
  const stopped = (task: TaskRecord, change: Partial<TaskRecord>): void => {
    containers.delete(task.id);
    save(task, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAt: cloud.now(), ...change });
  };

  async function begin(task: TaskRecord, wanted: NewTask): Promise<void> {
    const { definition } = wanted.taskDefinition;
    const container = definition.containerDefinitions?.[0] ?? {};
    let log: TaskLog | undefined;
    try {
      log = await openTaskLog(cloud, container, task.id);
      const writer = log;
      const [secrets, image, port] = await Promise.all([
        resolveSecrets(cloud, container.secrets ?? []),
        resolveImage(cloud, container.image ?? ''),
        ports.take(),
      ]);
      await runtime.prepare(image);
      if (closed || isStopping(task)) return stopped(task, {});
      const started = await runtime.start({
        id: `ecs-${task.id}`,
        image,
        environment: environmentOf({ cloud, definition, container, overrides: wanted.overrides, secrets, port }),
        ...commandOf(container, wanted.overrides),
        ...(container.user ? { user: container.user } : {}),
        ...(container.readonlyRootFilesystem ? { readonlyRootFilesystem: true } : {}),
        ...memoryOf(definition.memory, container),
        onOutput: (line) => writer.write(line),
      });
      containers.set(task.id, started);
      track(started.exited.then((exit) => ended(task, wanted, { exit, log: writer })));
      if (closed || isStopping(task)) return void (await started.stop(0));
      save(task, { lastStatus: 'RUNNING', startedAt: cloud.now(), port });
      await registerTargets(cloud, wanted.targetGroups ?? [], port);
      // A task that ended in the meantime looked for targets when there was none yet.
      if (isStopping(task)) await deregisterTargets(cloud, wanted.targetGroups ?? [], port);
    } catch (error) {
      await log?.close();
      const reason = error instanceof Error ? error.message : String(error);
      stopped(task, { stopCode: 'TaskFailedToStart', stoppedReason: reason, containerReason: reason });
    }
  }

  const isStopping = (task: TaskRecord): boolean =>
    records.tasks.find(task.cluster, task.id)?.desiredStatus === 'STOPPED';

  async function ended(task: TaskRecord, wanted: NewTask, { exit, log }: { exit: Exit; log: TaskLog }): Promise<void> {
    containers.delete(task.id);
    await log.close();
    const current = records.tasks.find(task.cluster, task.id);
    if (closed && !current?.stopCode) return;
    const exitCode = exitCodeOf(exit);
    if (current?.desiredStatus === 'STOPPED') return stopped(task, { exitCode });
    await deregisterTargets(cloud, wanted.targetGroups ?? [], current?.port);
    stopped(task, {
      exitCode,
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
  }

  async function stop(task: TaskRecord, { code, reason }: StopReason): Promise<void> {
    const service = records.services.list(task.cluster).find(({ name }) => task.group === `service:${name}`);
    const definition = records.taskDefinitions
      .list()
      .find(({ family, revision }) => taskDefinitionArn(cloud, family, revision) === task.taskDefinitionArn);
    const current = save(task, {
      desiredStatus: 'STOPPED',
      lastStatus: 'DEACTIVATING',
      stoppingAt: cloud.now(),
      stopCode: code,
      stoppedReason: reason,
    });
    await drainTargets(cloud, groupsOfTask(task, service), current.port);
    if (closed) return;
    const container = containers.get(task.id);
    if (!container) return current.port === undefined ? undefined : stopped(task, {});
    save(task, { lastStatus: 'STOPPING' });
    const seconds = definition?.definition.containerDefinitions?.[0]?.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS;
    // Not faster than on AWS: what the program still does takes as long here as there.
    await container.stop(seconds * 1000);
    await container.exited;
  }

  return {
    start(wanted) {
      const { family, revision } = wanted.taskDefinition;
      const task = records.tasks.save({
        id: randomBytes(16).toString('hex'),
        cluster: wanted.cluster,
        taskDefinitionArn: taskDefinitionArn(cloud, family, revision),
        group: wanted.group,
        startedBy: wanted.startedBy,
        lastStatus: 'PENDING',
        desiredStatus: 'RUNNING',
        createdAt: cloud.now(),
        launchType: wanted.launchType ?? 'FARGATE',
        tags: wanted.tags ?? [],
        ...(wanted.targetGroups ? { targetGroups: wanted.targetGroups } : {}),
        ...(wanted.overrides ? { overrides: wanted.overrides } : {}),
      });
      track(begin(task, wanted));
      return task;
    },
    stop(task, reason) {
      const running = stops.get(task.id) ?? stop(task, reason).finally(() => stops.delete(task.id));
      stops.set(task.id, running);
      return running;
    },
    crash(task) {
      const container = containers.get(task.id);
      void container?.stop(0);
      return container !== undefined;
    },
    async close() {
      closed = true;
      // A container that is just being started has to be seen before it can be ended.
      while (underWay.size > 0) {
        const ends = [...containers.values()].map((container) => container.stop(1000));
        await Promise.race(underWay);
        await Promise.all(ends);
      }
    },
  };
}

function commandOf(container: sdk.ContainerDefinition, overrides: sdk.TaskOverride | undefined) {
  const override = overrides?.containerOverrides?.find(({ name }) => name === container.name);
  const command = override?.command ?? container.command;
  return { ...(container.entryPoint ? { entryPoint: container.entryPoint } : {}), ...(command ? { command } : {}) };
}

/** A container may use what it declares, else what its task declares (both in MiB). */
function memoryOf(task: string | undefined, container: sdk.ContainerDefinition): { memory?: number } {
  const declared = container.memory ?? Number(task ?? 0);
  return declared > 0 ? { memory: declared * 2 ** 20 } : {};
}

/** The declared variables and secrets, plus what AWS would give by other means: region, credentials, and here the address to listen on. */
function environmentOf(given: {
  cloud: Cloud;
  definition: Pick<sdk.TaskDefinition, 'taskRoleArn'>;
  container: sdk.ContainerDefinition;
  overrides: sdk.TaskOverride | undefined;
  secrets: Record<string, string>;
  port: number;
}): Record<string, string> {
  const { cloud, definition, container, overrides, secrets, port } = given;
  const override = overrides?.containerOverrides?.find(({ name }) => name === container.name);
  const declared = [...(container.environment ?? []), ...(override?.environment ?? [])];
  return {
    AWS_REGION: cloud.region,
    ...Object.fromEntries(declared.map(({ name = '', value = '' }) => [name, value])),
    ...secrets,
    AWS_ENDPOINT_URL: cloud.endpoints.aws,
    ...containerCredentials(cloud, definition.taskRoleArn),
    ...((container.portMappings ?? []).length > 0 ? { HOST: '127.0.0.1', PORT: String(port) } : {}),
  };
}
