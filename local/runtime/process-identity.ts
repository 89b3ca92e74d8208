import { readFileSync } from 'node:fs';

/** A process beyond doubt: a pid alone may by now be another process's. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process. */
  readonly startTime: string;
  /** Boot of the machine in which the pid was given. */
  readonly boot: string;
}

const bootId = (): string => read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';

/** Identity of a running process; undefined when there is none with this pid (a zombie is none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const status = read(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may itself contain spaces and parentheses.
  const fields = status?.slice(status.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z') return undefined;
  return { pid, startTime: fields[19] ?? '', boot: bootId() };
}

export function isRunning(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.boot === identity.boot;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
