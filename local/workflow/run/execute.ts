import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handleLine, type LineState } from './command-handler.ts';
import { parseKeyValues } from './commands.ts';
import { processEnvironment } from './environment.ts';
import type { Frame, JobState } from './job-state.ts';
import { runProcess, signalGroup } from './process.ts';
import type { StepRun } from './step-run.ts';

export interface Execution {
  readonly job: JobState;
  readonly frame: Frame;
  readonly step: StepRun;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  /** `env` of the step. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that nothing may override: inputs and state of an action. */
  readonly runnerEnvironment?: Readonly<Record<string, string>>;
  /** State that the parts of one action share. */
  readonly state?: Record<string, string>;
}

const FILES = ['ENV', 'OUTPUT', 'PATH', 'STEP_SUMMARY', 'STATE'] as const;
type CommandFiles = Readonly<Record<(typeof FILES)[number], string>>;
const LARGEST_SUMMARY = 1024 * 1024;
const BLOCKED_VARIABLES = new Set(['NODE_OPTIONS']);

/** Runs one process of a step, with file commands and workflow commands. True when it (and what it wrote) is fine. */
export async function execute(execution: Execution): Promise<boolean> {
  const { job, step } = execution;
  const files = openFiles(job);
  const lines: LineState = { job, step, state: execution.state ?? {} };
  const code = await runProcess({
    command: execution.command,
    arguments: execution.arguments,
    folder: execution.folder,
    environment: environmentOf(execution, files),
    onLine: (line) => handleLine(lines, line),
    signal: step.stop.signal,
    killSignal: job.run.killSignal,
    grace: job.run.machine.grace,
    onStart: (pid) => {
      job.run.host.processStarted(pid);
      job.leftovers.add(pid);
    },
  });
  forgetEmptyGroups(job);
  const applied = applyFiles(execution, files);
  if (code !== 0 && !step.stop.signal.aborted) {
    step.annotate({ level: 'error', message: `Process completed with exit code ${code}.` });
  }
  return code === 0 && applied;
}

function openFiles(job: JobState): CommandFiles {
  const folder = join(job.folders.commands, `${Date.now()}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(folder);
  const files = FILES.map((name) => [name, join(folder, name.toLowerCase())] as const);
  for (const [, file] of files) writeFileSync(file, '');
  return Object.fromEntries(files) as CommandFiles;
}

function environmentOf(execution: Execution, files: CommandFiles): Record<string, string> {
  const variables = Object.entries(files).map(([name, file]) => [`GITHUB_${name}`, file]);
  return processEnvironment(execution.job, execution.frame, {
    step: execution.environment,
    runner: { ...execution.runnerEnvironment, ...Object.fromEntries(variables) },
  });
}

/** A group whose last process is gone must not be signalled later: its number may be used again. */
function forgetEmptyGroups(job: JobState): void {
  for (const pid of job.leftovers) {
    if (signalGroup(pid, 0)) continue;
    job.leftovers.delete(pid);
    job.run.host.processEnded(pid);
  }
}

/** Takes over what the process wrote to its files. A malformed file fails the step, as on GitHub. */
function applyFiles({ job, step, state }: Execution, files: CommandFiles): boolean {
  const read = (name: keyof CommandFiles): string => readFileSync(files[name], 'utf8');
  try {
    Object.assign(step.outputs, Object.fromEntries(parseKeyValues(read('OUTPUT'))));
    for (const [name, value] of parseKeyValues(read('ENV'))) {
      if (BLOCKED_VARIABLES.has(name)) {
        step.annotate({ level: 'error', message: `Can't store ${name} output parameter using '$GITHUB_ENV' command.` });
      } else job.environment[name] = value;
    }
    if (state) Object.assign(state, Object.fromEntries(parseKeyValues(read('STATE'))));
    job.path.unshift(...read('PATH').split(/\r?\n/).filter(Boolean).reverse());
    addSummary(job, step, read('STEP_SUMMARY'));
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    step.annotate({ level: 'error', message: `Unable to process file command successfully. ${reason}` });
    return false;
  } finally {
    rmSync(join(files.ENV, '..'), { recursive: true, force: true });
  }
}

function addSummary(job: JobState, step: StepRun, markdown: string): void {
  if (markdown.length > LARGEST_SUMMARY) {
    step.annotate({ level: 'error', message: `$GITHUB_STEP_SUMMARY upload aborted, supports content up to 1024k` });
    return;
  }
  job.record.summary += job.masker.mask(markdown);
}
