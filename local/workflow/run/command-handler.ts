import { type Command, parseCommand } from './commands.ts';
import type { JobState } from './job-state.ts';
import type { StepRun } from './step-run.ts';

/** What the lines of one process act on. */
export interface LineState {
  readonly job: JobState;
  readonly step: StepRun;
  readonly state: Record<string, string>;
  /** Set by `::stop-commands::`: commands are plain text until this token comes back. */
  resumeToken?: string | undefined;
}

const LEVELS = { error: 'error', warning: 'warning', notice: 'notice' } as const;

/** Acts on one line of output: a workflow command, or text for the log. */
export function handleLine(target: LineState, line: string): void {
  if (target.resumeToken !== undefined) {
    if (line.trim() === `::${target.resumeToken}::`) target.resumeToken = undefined;
    else target.step.log(line);
    return;
  }
  const command = parseCommand(line);
  if (!command || !handleCommand(target, command)) target.step.log(line);
}

/** False for a command that GitHub does not know, which is then text. */
function handleCommand(target: LineState, command: Command): boolean {
  const { step, job } = target;
  const { name, value, properties } = command;
  switch (name) {
    case 'error':
    case 'warning':
    case 'notice':
      step.annotate({ level: LEVELS[name], message: value, ...location(properties) });
      return true;
    case 'add-mask':
      job.masker.add(value);
      return true;
    case 'group':
      step.log(`##[group]${value}`);
      return true;
    case 'endgroup':
      step.log('##[endgroup]');
      return true;
    case 'stop-commands':
      target.resumeToken = value;
      return true;
    case 'set-output':
      step.outputs[properties['name'] ?? ''] = value;
      step.annotate({ level: 'warning', message: 'The `set-output` command is deprecated and will be disabled soon.' });
      return true;
    case 'save-state':
      target.state[properties['name'] ?? ''] = value;
      return true;
    case 'set-env':
    case 'add-path':
      step.annotate({ level: 'error', message: `The \`${name}\` command is disabled. Use environment files.` });
      return true;
    case 'debug':
    case 'echo':
    case 'add-matcher':
    case 'remove-matcher':
      return true;
    default:
      return false;
  }
}

function location(properties: Command['properties']): { title?: string; file?: string; line?: number } {
  const { title, file, line } = properties;
  return { ...(title && { title }), ...(file && { file }), ...(line && { line: Number(line) }) };
}
