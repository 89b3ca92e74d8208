import * as core from '@actions/core';
import type { Progress } from '../../pipeline/release/ports.ts';
import { createLiveTable } from '../../pipeline/report/live-table.ts';

/** What an action came to. */
export interface ActionResult {
  /** Markdown for the job summary. */
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Shown as an annotation of the run and makes it red. */
  readonly error?: string;
  /** Shown as an annotation; the run stays green. */
  readonly warning?: string;
}

/** Runs an action: the one place that writes outputs and the summary, and that fails the run. Returns the exit code. */
export async function run(action: (log: Progress) => Promise<ActionResult>): Promise<number> {
  const log = createLog();
  try {
    const result = await action(log);
    log.end();
    for (const [name, value] of Object.entries(result.outputs)) core.setOutput(name, value);
    await writeSummary(result.summary);
    if (result.warning !== undefined) core.warning(result.warning);
    if (result.error === undefined) return 0;
    core.setFailed(result.error);
  } catch (error) {
    log.end();
    core.setFailed(describe(error));
    if (error instanceof Error && error.stack !== undefined) core.debug(error.stack);
  }
  return 1;
}

async function writeSummary(summary: string): Promise<void> {
  if (process.env['GITHUB_STEP_SUMMARY']) await core.summary.addRaw(summary, true).write();
  else core.info(summary);
}

/** An AWS error says little without its name: `AccessDeniedException: ...`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' || error.name === 'InputError' ? error.message : `${error.name}: ${error.message}`;
}

/** Phases are groups of the log, so that a reader sees the story first; each ends with the seconds that it took. */
function createLog(): Progress & { end(): void } {
  let started: number | undefined;
  const { stdout } = process;
  const table = createLiveTable({
    write: (text) => void stdout.write(text),
    isTerminal: stdout.isTTY === true && process.env['CI'] === undefined,
    width: stdout.columns,
  });
  const end = (): void => {
    if (started === undefined) return;
    core.info(`(${((performance.now() - started) / 1000).toFixed(1)} s)`);
    core.endGroup();
    started = undefined;
  };
  return {
    phase(name) {
      end();
      started = performance.now();
      core.startGroup(name);
    },
    line(text) {
      table.interrupt();
      core.info(text);
    },
    table: table.show,
    end,
  };
}
