import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { boxPath, removeBox } from './box.ts';
import { reapRecordedEngine } from './engine/leftovers.ts';
import { killGroup } from './process-group.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

const RECORD = 'process.json';
const KILL_LIMIT = 5000;
const POLL = 10;

/** Writes down which process a container is, so that the next local cloud finds it should this one be killed. */
export function recordProcess(home: string, id: string, pid: number): void {
  const identity = identify(pid);
  if (identity) writeFileSync(join(home, boxPath(id), RECORD), JSON.stringify(identity));
}

/** Ends the containers that a killed local cloud left running in this home, in whatever mode it ran them, and removes what is left of them. Returns how many ran. */
export async function reapLeftovers(home: string): Promise<number> {
  return (await reapProcesses(home)) + (await reapRecordedEngine(home));
}

async function reapProcesses(home: string): Promise<number> {
  const running = runningContainers(home);
  for (const { identity } of running) killGroup(identity.pid);
  await Promise.all(running.map(({ identity }) => gone(identity)));
  await Promise.all(boxes(home).map((id) => removeBox(home, id)));
  return running.length;
}

/** Containers of this home that are running processes, whoever started them. */
export function runningContainers(
  home: string,
): readonly { readonly id: string; readonly identity: ProcessIdentity }[] {
  return boxes(home).flatMap((id) => {
    const identity = readIdentity(join(home, boxPath(id), RECORD));
    return identity && isRunning(identity) ? [{ id, identity }] : [];
  });
}

function boxes(home: string): readonly string[] {
  const folder = join(home, 'containers');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

async function gone(identity: ProcessIdentity): Promise<void> {
  for (let waited = 0; isRunning(identity) && waited < KILL_LIMIT; waited += POLL) await sleep(POLL);
}
