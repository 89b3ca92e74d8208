import { reapLeftovers } from '../../runtime/leftovers.ts';
import { isServing, readRecord } from './home.ts';
import { endOrphans } from './orphans.ts';

/** Longer than the local cloud takes to cancel what runs; see control.ts. */
const TIMEOUT = 60_000;
const POLL = 25;

/**
 * Asks the local cloud to end and waits until its process is gone; SIGKILL if it does not. What a killed one left behind is ended, too. Resolves to whether one
 * was running.
 */
export async function stopCloud(home: string): Promise<boolean> {
  const record = readRecord(home);
  const pid = isServing(record) ? record.process.pid : undefined;
  // A signal, not a call: a local cloud that is still starting has no open door yet.
  if (pid !== undefined) signal(pid, 'SIGTERM');
  const deadline = Date.now() + TIMEOUT;
  while (isServing(readRecord(home))) {
    if (pid !== undefined && Date.now() > deadline) signal(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  await endOrphans(home);
  await reapLeftovers(home);
  return pid !== undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
