import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type NewerDocker, prepareNewerDocker } from '../../tools/newer-docker.ts';

const execute = promisify(execFile);

export interface BuildEngine {
  /** What programs that use the engine have to be started with. */
  readonly environment: Readonly<Record<string, string>>;
  docker(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/**
 * A Docker engine that builds, which takes a bridge, on a socket in a temporary folder: nobody else's images, containers or
 * configuration are touched. Needs root and the Debian package docker.io, whose client knows BuildKit; or the newer engine, with buildx.
 */
export async function startBuildEngine({ newer = false } = {}): Promise<BuildEngine> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-docker-'));
  const file = (name: string): string => join(home, name);
  const installed = { path: `/usr/bin:${process.env['PATH']}`, configuration: file('config'), options: [] };
  const programs: NewerDocker = newer ? prepareNewerDocker(home) : installed;
  const host = `unix://${file('docker.sock')}`;
  const bridge = await addBridge();
  const log = openSync(file('log'), 'w');
  const roots = ['--data-root', file('data'), '--exec-root', file('exec'), '--pidfile', file('pid')];
  const rules = ['--iptables=false', '--ip6tables=false', '--ip-masq=false'];
  const engine = spawn('dockerd', [...rules, ...roots, '-H', host, ...bridge.options, ...programs.options], {
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: programs.path },
  });
  const ended = new Promise<void>((resolve) => engine.once('close', () => resolve()));
  const environment = { DOCKER_HOST: host, DOCKER_CONFIG: programs.configuration, PATH: programs.path };
  const docker = async (...args: string[]): Promise<string> =>
    (await execute('docker', args, { env: { ...process.env, ...environment } })).stdout.trim();
  const close = async (): Promise<void> => {
    engine.kill('SIGTERM');
    await ended;
    await bridge.remove();
    // The engine leaves a mount behind.
    await execute('umount', [file('exec/netns/default')]).catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await untilReady(engine, () => docker('info'));
  } catch (cause) {
    const end = readFileSync(file('log'), 'utf8').slice(-500);
    await close();
    throw new Error(`dockerd does not start; it needs root and the Debian package docker.io: ${end}`, { cause });
  }
  return { environment, docker, close };
}

/** A network interface for this engine alone: those of two tests would take each other's away. Without `ip` it is the engine's own. */
async function addBridge(): Promise<{ readonly options: readonly string[]; remove(): Promise<void> }> {
  const number = randomBytes(1)[0] ?? 0;
  const name = `slipway-${number}`;
  try {
    await execute('ip', ['link', 'add', name, 'type', 'bridge']);
    // Addresses for tests of networks (RFC 2544).
    await execute('ip', ['address', 'add', `198.18.${number}.1/24`, 'dev', name]);
  } catch {
    return { options: [], remove: async () => undefined };
  }
  return { options: ['--bridge', name], remove: async () => void (await execute('ip', ['link', 'delete', name])) };
}

async function untilReady(engine: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  let problem: unknown = new Error('dockerd ended');
  engine.once('error', (error) => {
    problem = error;
  });
  for (let attempt = 0; attempt < 300 && engine.pid !== undefined && engine.exitCode === null; attempt += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      problem = error;
      await delay(100);
    }
  }
  throw problem;
}
