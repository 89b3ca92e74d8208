import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStartTime } from './home.ts';

const POLL = 25;

/** Runs `work` while no other command starts the local cloud of the same folder: two at once would start two of them. */
export async function withStartLock<Result>(home: string, work: () => Promise<Result>): Promise<Result> {
  const file = join(home, 'starting');
  const ours = `${process.pid} ${processStartTime(process.pid) ?? ''}`;
  while (!tryWrite(file, ours)) {
    if (isAbandoned(file)) rmSync(file, { force: true });
    else await sleep(POLL);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether the command that wrote the lock has ended without removing it. */
function isAbandoned(file: string): boolean {
  try {
    const [pid = '', startTime] = readFileSync(file, 'utf8').split(' ');
    return pid !== '' && processStartTime(Number(pid)) !== startTime;
  } catch {
    return false;
  }
}
