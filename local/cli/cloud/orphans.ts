import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Variable in the environment of everything that is started for the sake of a local cloud and could outlive it: GitHub's runner finds the orphans of a job by
 * a variable of this name, too. Terraform has a process group of its own, so killing a step's group does not reach it.
 */
const MARKER = 'RUNNER_TRACKING_ID';

export function orphanMarker(home: string): Record<string, string> {
  return { [MARKER]: home };
}

const POLL = 20;
const TIMEOUT = 5_000;

/**
 * Ends every process that was started for this local cloud and is still there, and waits until it is gone. With `patience` (milliseconds) they may first end by
 * themselves. Resolves to how many there were.
 */
export async function endOrphans(home: string, { patience = 0 }: { readonly patience?: number } = {}): Promise<number> {
  const found = marked(home);
  const started = Date.now();
  while (Date.now() - started < patience + TIMEOUT) {
    // With patience new ones may have been started meanwhile, by the living.
    const left = marked(home).filter((pid) => patience === 0 || found.includes(pid));
    if (left.length === 0) break;
    if (Date.now() - started >= patience) for (const pid of left) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return found.length;
}

function marked(home: string): number[] {
  const entry = `${MARKER}=${home}`;
  const others = existsSync('/proc/self/environ') ? fromProc(entry) : fromPs(entry);
  return others.filter((pid) => pid !== process.pid && pid !== process.ppid);
}

function fromProc(entry: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environmentOf(pid).includes(entry)).map(Number);
}

/** Nothing for a process that has ended or belongs to someone else. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function fromPs(entry: string): number[] {
  const lines = execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 << 20 }).split(
    '\n',
  );
  return lines.filter((line) => `${line} `.includes(` ${entry} `)).map((line) => Number.parseInt(line, 10));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
