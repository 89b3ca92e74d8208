import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Machine } from './types.ts';

export interface ProcessRequest {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Aborted = SIGINT, then SIGTERM, then SIGKILL to the whole process group. */
  readonly signal: AbortSignal;
  /** Aborted = SIGKILL at once. */
  readonly killSignal: AbortSignal;
  readonly grace: Machine['grace'];
  readonly onStart: (pid: number) => void;
}

/** How long output may keep coming from children that outlive the process itself, in milliseconds. */
const DRAIN = 1000;

/**
 * Runs a process as leader of its own process group and resolves with its exit code (128 + n after a signal).
 * @throws Error when it cannot be started.
 */
export async function runProcess(request: ProcessRequest): Promise<number> {
  const child = spawn(request.command, request.arguments, {
    cwd: request.folder,
    env: request.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) {
    const [error] = await once(child, 'error');
    throw new Error(`${request.command} cannot be started in ${request.folder}: ${error.message}`);
  }
  request.onStart(pid);
  const release = stopOnAbort(pid, request);
  const drained = Promise.all([child.stdout, child.stderr].map((stream) => readLines(stream, request.onLine)));
  const [code, signal] = await once(child, 'exit');
  const impatience = setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), DRAIN);
  await drained;
  clearTimeout(impatience);
  release();
  return typeof code === 'number' ? code : 128 + constants.signals[signal as NodeJS.Signals];
}

/** Sends a signal to a process group; false when nothing is left of it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', onLine);
  stream.once('close', () => lines.close());
  await once(lines, 'close');
}

function stopOnAbort(pid: number, { signal, killSignal, grace }: ProcessRequest): () => void {
  const timers: NodeJS.Timeout[] = [];
  const stop = () => {
    // A machine that is gone gives no warning.
    if (killSignal.aborted) return;
    signalGroup(pid, 'SIGINT');
    timers.push(setTimeout(() => signalGroup(pid, 'SIGTERM'), grace.interrupt));
    timers.push(setTimeout(() => signalGroup(pid, 'SIGKILL'), grace.interrupt + grace.terminate));
  };
  const kill = () => signalGroup(pid, 'SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  killSignal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) stop();
  if (killSignal.aborted) kill();
  return () => {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    killSignal.removeEventListener('abort', kill);
  };
}
