import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Another way to build and push the same image. */
export interface Peer {
  /** Name and version. */
  readonly name: string;
  build(context: string, tag: string): Promise<void>;
  /** Forgets everything that a fresh runner would not have. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** Never the synchronous one: the registry answers from this process. */
const execute = promisify(execFile);

const INLINE = (tag: string): string[] => ['--build-arg', 'BUILDKIT_INLINE_CACHE=1', '--cache-from', tag];

export const startBuildKit = (folder: string): Promise<Peer> => startEngine(folder, { inlineCache: false });
/** The same with its cache in the image, which is the only one that a fresh runner finds again with Debian's engine. */
export const startBuildKitInline = (folder: string): Promise<Peer> => startEngine(folder, { inlineCache: true });

/** docker build with BuildKit on a private engine, so that nobody else's images are pruned. Needs root and `dockerd`. */
async function startEngine(folder: string, { inlineCache }: { inlineCache: boolean }): Promise<Peer> {
  const home = mkdtempSync(join(folder, 'docker-'));
  const log = openSync(join(home, 'log'), 'w');
  const host = `unix://${join(home, 'docker.sock')}`;
  const engine = spawn(
    'dockerd',
    [
      '--iptables=false',
      '--bridge=none',
      '--data-root',
      join(home, 'data'),
      '--exec-root',
      join(home, 'exec'),
      '-H',
      host,
      '--pidfile',
      join(home, 'pid'),
    ],
    { stdio: ['ignore', log, log] },
  );
  // Debian's client first: it brings BuildKit along, newer ones want a plugin for it.
  const PATH = `/usr/bin:${process.env['PATH']}`;
  const env = { ...process.env, PATH, DOCKER_HOST: host, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: home };
  const docker = async (...args: string[]): Promise<string> => (await execute('docker', args, { env })).stdout.trim();
  const version = await untilReady(engine, () => docker('version', '--format', '{{.Server.Version}}'));
  return {
    name: `buildkit ${version.split('.').slice(0, 2).join('.')}${inlineCache ? ' inline cache' : ''}`,
    async build(context, tag) {
      await docker('build', '--quiet', '--network=host', ...(inlineCache ? INLINE(tag) : []), '--tag', tag, context);
      await docker('push', '--quiet', tag);
    },
    async forget() {
      await docker('system', 'prune', '--all', '--force');
      await docker('builder', 'prune', '--all', '--force');
    },
    close: () =>
      new Promise((resolve) => {
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

export const startBuildah = (folder: string): Promise<Peer> => startBuilder(folder, { registryCache: false });
/** The same with the result of each step in a repository beside the image. */
export const startBuildahCached = (folder: string): Promise<Peer> => startBuilder(folder, { registryCache: true });

async function startBuilder(folder: string, { registryCache }: { registryCache: boolean }): Promise<Peer> {
  const home = join(folder, registryCache ? 'buildah-cached' : 'buildah');
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
  const storage = ['--root', join(home, 'root'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs'];
  const trust = ['--tls-verify=false', '--signature-policy', policy];
  const version = /version (\d+\.\d+)/.exec((await execute('buildah', ['--version'])).stdout)?.[1] ?? '';
  return {
    name: `buildah ${version}${registryCache ? ' registry cache' : ''}`,
    async build(context, tag) {
      const steps = `${tag.slice(0, tag.lastIndexOf(':'))}/steps`;
      const cache = registryCache ? ['--cache-from', steps, '--cache-to', steps] : [];
      const options = ['--quiet', '--layers', '--isolation', 'chroot', ...trust, ...cache, '--tag', tag];
      await execute('buildah', [...storage, 'bud', ...options, context]);
      await execute('buildah', [...storage, 'push', '--quiet', ...trust, tag]);
    },
    forget: async () => rmSync(home, { recursive: true, force: true }),
    close: async () => rmSync(home, { recursive: true, force: true }),
  };
}
