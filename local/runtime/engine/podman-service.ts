import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGuardian } from '../guardian.ts';
import { killGroup } from '../process-group.ts';
import type { NoEngine } from './find.ts';

export interface PodmanService {
  readonly socket: string;
  readonly pid: number;
  close(): void;
}

const START_LIMIT = 5000;
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
  const guardian = createGuardian();
  const pid = child.pid ?? 0;
  if (pid > 0) guardian.add(pid);
  const close = (): void => {
    if (child.exitCode === null && child.signalCode === null && pid > 0) killGroup(pid);
    guardian.remove(pid);
    guardian.close();
    rmSync(folder === home ? socket : folder, { recursive: true, force: true });
  };
  const failure = await Promise.race([end, appears(socket)]);
  child.unref();
  if (failure === undefined) return { socket, pid, close };
  close();
  return { reason: `podman's service does not start: ${failure}; try \`podman info\``, absent: false };
}

/** The local cloud's folder, unless its path is too long for a socket. */
function socketFolder(home: string): string {
  return home.length < LONGEST_FOLDER ? home : mkdtempSync(join(tmpdir(), 'slipway-podman-'));
}

async function appears(socket: string): Promise<string | undefined> {
  for (let waited = 0; waited < START_LIMIT; waited += POLL) {
    if (existsSync(socket)) return undefined;
    await sleep(POLL);
  }
  return `no socket after ${START_LIMIT / 1000} s`;
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
