import type { Cloud } from '../../cloud.ts';

export interface FunctionLog {
  readonly stream: string;
  write(line: string): void;
}

/**
 * Sends what an execution environment prints to CloudWatch Logs: a stream per environment, named as Lambda names it, with the function's name
 * in a group that is not the function's own (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html).
 */
export async function openFunctionLog(
  cloud: Cloud,
  environment: { name: string; version: string; group: string; id: string },
): Promise<FunctionLog> {
  const { group, name, version, id } = environment;
  const day = new Date(cloud.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const shown = group === `/aws/lambda/${name}` ? '' : name;
  const stream = `${day}/${shown}[${version}]${id.replaceAll('-', '')}`;
  await unlessThere(cloud.invoke('logs', 'CreateLogGroup', { logGroupName: group }));
  await unlessThere(cloud.invoke('logs', 'CreateLogStream', { logGroupName: group, logStreamName: stream }));
  return {
    stream,
    write(line) {
      const logEvents = [{ timestamp: cloud.now(), message: line }];
      cloud
        .invoke('logs', 'PutLogEvents', { logGroupName: group, logStreamName: stream, logEvents })
        .catch((error: unknown) => {
          cloud.log({ source: 'lambda', message: `a log line of ${environment.name} was lost`, error: String(error) });
        });
    },
  };
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceAlreadyExistsException') throw error;
  }
}
