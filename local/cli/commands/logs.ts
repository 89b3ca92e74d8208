import type { Command } from '../arguments.ts';
import type { CommandContext } from './context.ts';
import { callShown, withRunningCloud } from './with-cloud.ts';

interface LogLine {
  readonly line: string;
  readonly [origin: string]: unknown;
}

/** Prints what a workflow run or a service wrote; without a choice, the newest run. */
export function logs(command: Extract<Command, { name: 'logs' }>, context: CommandContext): Promise<boolean> {
  const { run, service, environment } = command;
  return withRunningCloud(context, async (cloud) => {
    const call =
      service === undefined
        ? { method: 'run-logs', parameters: { run } }
        : { method: 'service-logs', parameters: { service, environment } };
    const lines = await callShown<LogLine[]>(call, cloud, context);
    if (!lines) return false;
    for (const line of lines) context.output.result(line, line.line);
    if (lines.length === 0) context.output.say('Nothing was printed yet');
    return true;
  });
}
