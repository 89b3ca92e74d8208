import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBox, removeBox } from './box.ts';
import type { Guardian } from './guardian.ts';
import { recordProcess } from './leftovers.ts';
import { readLines } from './lines.ts';
import { killGroup, signalGroup } from './process-group.ts';
import { type Container, type ContainerSpec, type Exit, ImageError } from './runtime.ts';

/** A process to start. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** How long to wait for the last output of a process that has ended (ms). */
const LAST_OUTPUT = 500;

export interface Place {
  readonly home: string;
  readonly guardian: Guardian;
}

/** Starts a container's process in a group of its own, writes it down, and cleans up when it has ended. */
export async function startContainer(place: Place, spec: ContainerSpec, launch: () => Launch): Promise<Container> {
  const { home, guardian } = place;
  createBox(home, spec.id);
  try {
    const child = await spawnProcess(launch());
    const pid = child.pid ?? 0;
    guardian.add(pid);
    recordProcess(home, spec.id, pid);
    const exited = watch(child, spec).then(async (exit) => {
      guardian.remove(pid);
      await removeBox(home, spec.id);
      return exit;
    });
    return { id: spec.id, pid, exited, stop: (timeout) => stop({ pid, exited }, timeout) };
  } catch (error) {
    await removeBox(home, spec.id);
    throw error;
  }
}

function spawnProcess({ file, args, environment, cwd }: Launch): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    child.once('spawn', () => resolve(child));
    child.once('error', (error) => reject(new ImageError(`cannot start ${file}: ${error.message}`, { cause: error })));
  });
}

async function watch(child: ChildProcess, spec: ContainerSpec): Promise<Exit> {
  const closed = Promise.all([
    readLines(child.stdout, (line) => spec.onOutput(line, 'stdout')),
    readLines(child.stderr, (line) => spec.onOutput(line, 'stderr')),
  ]);
  const exit = await new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // What the program left behind in its group ends with it.
  killGroup(child.pid ?? 0);
  const patience = new AbortController();
  await Promise.race([closed, sleep(LAST_OUTPUT, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  return exit;
}

async function stop({ pid, exited }: Pick<Container, 'pid' | 'exited'>, timeout: number): Promise<Exit> {
  let ended = false;
  const end = exited.then((exit) => {
    ended = true;
    return exit;
  });
  signalGroup(pid, 'SIGTERM');
  const patience = new AbortController();
  const limit = sleep(timeout, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([end, limit]);
  patience.abort();
  if (!ended) killGroup(pid);
  return end;
}
