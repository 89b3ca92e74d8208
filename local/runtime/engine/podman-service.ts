import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGuardian } from '../guardian.ts';
import { killGroup, signalGroup } from '../process-group.ts';
import { createEngineClient } from './client.ts';
import type { NoEngine } from './find.ts';

export interface PodmanService {
  readonly socket: string;
  readonly pid: number;
  close(): Promise<void>;
}

const START_LIMIT = 5000;
const END_LIMIT = 3000;
const POLL = 10;
/** The path of a unix socket has room for 107 bytes. */
const LONGEST_FOLDER = 80;
/** What Podman may need from the environment; proxies and credentials are not among it, because Podman hands some of them on to containers. */
const PASSED_ON = /^(PATH|HOME|USER|LOGNAME|TMPDIR|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|CONTAINERS_\w+|REGISTRIES_\w+)$/;

/**
 * Podman has no engine that runs all the time: its API is there while `podman system service` runs. This one belongs to this process and ends with it;
 * containers do not depend on it.
 */
export async function startPodmanService(home: string): Promise<PodmanService | NoEngine> {
  const podman = onPath('podman');
  if (!podman) return { reason: 'podman is not installed', absent: true };
  const folder = socketFolder(home);
  const socket = join(folder, `podman-${process.pid}.sock`);
  rmSync(socket, { force: true });
  const child = spawn(podman, ['system', 'service', '--time=0', `unix://${socket}`], {
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))),
    // conmon leaves a file named oom in its folder when a container runs out of memory.
    cwd: dirname(socket),
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const end = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `status ${code}`}`));
  });
  // Killed in the middle of creating a container, Podman would forget its half-made process; asked to end, it first finishes that.
  const guardian = createGuardian('TERM');
  const pid = child.pid ?? 0;
  if (pid > 0) guardian.add(pid);
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && pid > 0) await endService(pid, end);
    guardian.remove(pid);
    guardian.close();
    rmSync(folder === home ? socket : folder, { recursive: true, force: true });
  };
  const failure = await Promise.race([end, answers(socket)]);
  child.unref();
  if (failure === undefined) return { socket, pid, close };
  await close();
  return { reason: `podman's service does not start: ${failure}; try \`podman info\``, absent: false };
}

async function endService(pid: number, end: Promise<unknown>): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const patience = new AbortController();
  const late = sleep(END_LIMIT, 'late', { signal: patience.signal }).catch(() => undefined);
  if ((await Promise.race([end, late])) === 'late') killGroup(pid);
  patience.abort();
}

/** The local cloud's folder, unless its path is too long for a socket. */
function socketFolder(home: string): string {
  return home.length < LONGEST_FOLDER ? home : mkdtempSync(join(tmpdir(), 'slipway-podman-'));
}

/** The socket is there a moment before somebody listens on it. Resolves to what is wrong if nobody ever does. */
async function answers(socket: string): Promise<string | undefined> {
  const client = createEngineClient(socket);
  for (let waited = 0; waited < START_LIMIT; waited += POLL) {
    const ping = existsSync(socket) ? client.call({ path: '/_ping', timeout: START_LIMIT }) : Promise.reject();
    if (await ping.catch(() => undefined)) return undefined;
    await sleep(POLL);
  }
  return `no answer after ${START_LIMIT / 1000} s`;
}

function onPath(name: string): string | undefined {
  const files = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
