import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What a local cloud's folder remembers about the process that serves it. */
export interface CloudRecord {
  /** First port of its block; kept for good. */
  readonly base: number;
  /** Needed for every call to the control port. */
  readonly token: string;
  /** The serving process, absent while none runs. */
  readonly process?: { readonly pid: number; readonly startTime: string };
}

/** The folder of the local cloud: SLIPWAY_HOME, or `.slipway` in the repository. */
export function homeFolder(root: string, environment: NodeJS.ProcessEnv): string {
  const folder = resolve(root, environment['SLIPWAY_HOME'] || '.slipway');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

export function readRecord(home: string): CloudRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(home, 'cloud.json'), 'utf8')) as CloudRecord;
  } catch {
    return undefined;
  }
}

/** Replaces the record in one step: a reader sees the old one or the new one. */
export function writeRecord(home: string, record: CloudRecord): void {
  const temporary = join(home, `cloud.json.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(temporary, join(home, 'cloud.json'));
}

/**
 * When the kernel started a process (clock ticks since boot on Linux), so that a recycled pid is not mistaken for the process that was
 * recorded. Undefined when there is no such process or the platform does not tell.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether the recorded process is still that process. */
export function isServing(
  record: CloudRecord | undefined,
): record is CloudRecord & { process: { pid: number; startTime: string } } {
  if (!record?.process) return false;
  if (process.platform === 'linux') return processStartTime(record.process.pid) === record.process.startTime;
  try {
    process.kill(record.process.pid, 0);
    return true;
  } catch {
    return false;
  }
}
