import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepareNewerDocker } from '../../tools/newer-docker.ts';

/** A Docker engine of the benchmark's own. */
export interface Docker {
  /** `20.10` */
  readonly version: string;
  run(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Never the synchronous one: the registry answers from this process. */
const execute = promisify(execFile);

/** The engine that is installed, or the newer one, in a folder of its own, so that nobody else's images are pruned. Needs root. */
export async function startDocker(folder: string, { newer }: { readonly newer: boolean }): Promise<Docker> {
  const home = mkdtempSync(join(folder, 'docker-'));
  const file = (name: string): string => join(home, name);
  const log = openSync(file('log'), 'w');
  const host = `unix://${file('docker.sock')}`;
  // Debian's client first: it brings BuildKit along, newer ones want a plugin for it.
  const installed = { path: `/usr/bin:${process.env['PATH']}`, configuration: home, options: [] };
  const { path: PATH, configuration, options } = newer ? prepareNewerDocker(home) : installed;
  const roots = ['--data-root', file('data'), '--exec-root', file('exec'), '--pidfile', file('pid')];
  const engine = spawn('dockerd', ['--iptables=false', '--bridge=none', ...roots, '-H', host, ...options], {
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH },
  });
  const env = { ...process.env, PATH, DOCKER_HOST: host, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: configuration };
  const run = async (...args: string[]): Promise<string> => (await execute('docker', args, { env })).stdout.trim();
  const version = await untilReady(engine, () => run('version', '--format', '{{.Server.Version}}'));
  return {
    version: version.split('.').slice(0, 2).join('.'),
    run,
    close: () =>
      new Promise((resolve) => {
        if (engine.exitCode !== null || engine.signalCode !== null) return resolve();
        engine.on('exit', () => resolve());
        engine.kill('SIGTERM');
      }),
  };
}

async function untilReady(engine: ChildProcess, ask: () => Promise<string>): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (engine.exitCode !== null) break;
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error('dockerd did not start. This benchmark needs root and the Debian packages docker.io and buildah');
}
