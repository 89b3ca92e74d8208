import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface DockerEngine {
  /** In the form of DOCKER_HOST. */
  readonly host: string;
  close(): Promise<void>;
}

/** Starts Debian's Docker engine for this test alone: its own socket, images and containers, no bridge, no firewall rules. Needs root. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-dockerd-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const folders = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${join(folder, name)}`);
  const child = spawn('dockerd', ['--iptables=false', '--bridge=none', ...folders, '-H', host], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000);
      if (log.includes('API listen on')) resolve();
    });
    child.once('error', (cause) =>
      reject(new Error('dockerd does not start; install the Debian package docker.io', { cause })),
    );
    child.once('exit', () => reject(new Error(`dockerd ended: ${log}`)));
  });
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
    await unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  return { host, close };
}

/** The engine leaves the mounts of its namespaces behind. */
async function unmountBelow(folder: string): Promise<void> {
  const { stdout } = await promisify(execFile)('findmnt', ['--raw', '--noheadings', '--output', 'TARGET']);
  const mounts = stdout.split('\n').filter((target) => target.startsWith(`${folder}/`));
  for (const target of mounts.toReversed()) await promisify(execFile)('umount', ['--lazy', target]);
}
