import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { signalGroup } from '../../workflow/run/process.ts';
import type { State } from '../state/state.ts';

/** Remembers the process group of a step, so that it can be found after this process was killed. */
export function recordProcess({ processes }: State, pid: number): void {
  processes.set(String(pid), { started: startOf(pid) ?? '' });
}

export function forgetProcess({ processes }: State, pid: number): void {
  processes.delete(String(pid));
}

/** Kills the process groups that an earlier local GitHub left behind; returns their pids. */
export function reapProcesses(state: State): readonly number[] {
  const reaped = state.processes.entries().map(([key, { started }]) => {
    const pid = Number(key);
    forgetProcess(state, pid);
    const now = startOf(pid);
    // A group whose leader is gone keeps its number; a leader that started at another time is a stranger.
    const ours = now === undefined || now === started;
    return ours && signalGroup(pid, 'SIGKILL') ? pid : undefined;
  });
  return reaped.filter((pid) => pid !== undefined);
}

/** When a process started, in whatever form the system tells it; nothing when it does not exist. */
function startOf(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return startFromPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22, counted after the name in parentheses, which may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}
