import type * as sdk from '@aws-sdk/client-ecs';
import type { Cloud } from '../../cloud.ts';

/** How long lines are gathered before they are written together. */
const FLUSH_MILLISECONDS = 50;

export interface TaskLog {
  write(line: string): void;
  /** Writes what is still gathered. */
  close(): Promise<void>;
}

/**
 * The awslogs driver: stream `<prefix>/<container>/<task id>` of the group in the log configuration. Without one, lines go nowhere, as on Fargate.
 * A group that is missing fails the task before it starts.
 */
export async function openTaskLog(cloud: Cloud, container: sdk.ContainerDefinition, taskId: string): Promise<TaskLog> {
  const options = container.logConfiguration?.logDriver === 'awslogs' ? container.logConfiguration.options : undefined;
  const group = options?.['awslogs-group'];
  if (!group) return { write: () => undefined, close: async () => undefined };
  const stream = [options?.['awslogs-stream-prefix'], container.name, taskId].filter(Boolean).join('/');
  if (options?.['awslogs-create-group'] === 'true')
    await cloud.invoke('logs', 'CreateLogGroup', { logGroupName: group }).catch(ignoreExisting);
  await cloud.invoke('logs', 'CreateLogStream', { logGroupName: group, logStreamName: stream }).catch(ignoreExisting);
  let gathered: { timestamp: number; message: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const logEvents = gathered;
    gathered = [];
    if (logEvents.length === 0) return;
    try {
      await cloud.invoke('logs', 'PutLogEvents', { logGroupName: group, logStreamName: stream, logEvents });
    } catch (error) {
      cloud.log({
        source: 'ecs',
        message: `${logEvents.length} log lines of ${stream} were lost`,
        error: String(error),
      });
    }
  };
  return {
    write(line) {
      gathered.push({ timestamp: cloud.now(), message: line });
      timer ??= setTimeout(() => void flush(), FLUSH_MILLISECONDS);
    },
    close: flush,
  };
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'ResourceAlreadyExistsException') throw error;
}
