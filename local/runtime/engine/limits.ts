import { readFileSync } from 'node:fs';

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

const NAMES = { 'Max open files': 'nofile', 'Max processes': 'nproc' } as const;

/**
 * A process's limits on files and processes, in the form of the Engine API. Podman otherwise asks for its defaults, and where those are above what its
 * service may give (it runs in a container or without CAP_SYS_RESOURCE) no container starts.
 */
export function limitsOf(pid: number): readonly Ulimit[] {
  try {
    return limitsFrom(readFileSync(`/proc/${pid}/limits`, 'utf8'));
  } catch {
    return [];
  }
}

/** Lines look like `Max open files            1024                 4096                 files`; unlimited ones are left to the engine. */
export function limitsFrom(text: string): readonly Ulimit[] {
  return Object.entries(NAMES).flatMap(([title, Name]) => {
    const [, soft, hard] = new RegExp(`^${title} +(\\d+) +(\\d+)`, 'm').exec(text) ?? [];
    return soft && hard ? [{ Name, Soft: Number(soft), Hard: Number(hard) }] : [];
  });
}
