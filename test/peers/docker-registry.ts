import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DockerRegistry {
  readonly host: string;
  close(): Promise<void>;
}

/** Starts Debian's docker-registry (CNCF distribution) on a free port. Rejects with what to install when it is missing. */
export async function startDockerRegistry(): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-registry-'));
  const file = join(folder, 'config.json');
  mkdirSync(join(folder, 'data'));
  const storage = { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } };
  writeFileSync(
    file,
    JSON.stringify({ version: '0.1', log: { level: 'info' }, storage, http: { addr: '127.0.0.1:0' } }),
  );
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const host = await new Promise<string>((resolve, reject) => {
    let log = '';
    const read = (chunk: Buffer): void => {
      log += chunk.toString();
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
      if (port !== undefined) resolve(`127.0.0.1:${port}`);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (cause) =>
      reject(new Error('docker-registry does not start; install the Debian package docker-registry', { cause })),
    );
    child.once('exit', () => reject(new Error(`docker-registry ended: ${log}`)));
  });
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { host, close };
}
