import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBox, removeBox } from './box.ts';
import { killGroup, recordProcess, signalGroup } from './leftovers.ts';
import { type Container, type ContainerSpec, type Exit, ImageError } from './runtime.ts';

/** A process to start. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Longer lines are cut into pieces, as container engines do. */
const LONGEST_LINE = 16 * 1024;
/** How long to wait for the last output of a process that has ended (ms). */
const LAST_OUTPUT = 500;

/** Starts a container's process in a group of its own, writes it down, and cleans up when it has ended. */
export async function startContainer(home: string, spec: ContainerSpec, launch: () => Launch): Promise<Container> {
  createBox(home, spec.id);
  try {
    const child = await spawnProcess(launch());
    const pid = child.pid ?? 0;
    recordProcess(home, spec.id, pid);
    const exited = watch(child, spec).then(async (exit) => {
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

async function readLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (!stream) return;
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    rest += text;
    for (let end = rest.indexOf('\n'); end >= 0 || rest.length > LONGEST_LINE; end = rest.indexOf('\n')) {
      const cut = end < 0 || end > LONGEST_LINE;
      onLine(rest.slice(0, cut ? LONGEST_LINE : end));
      rest = rest.slice(cut ? LONGEST_LINE : end + 1);
    }
  };
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  await new Promise<void>((resolve) => stream.once('close', resolve));
  take(decoder.end());
  if (rest) onLine(rest);
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
