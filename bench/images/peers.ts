import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startDocker } from './docker.ts';

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

export const startBuildKit = (folder: string): Promise<Peer> => startBuildKitOf(folder, { inlineCache: false });
/** The same with its cache in the image, which is the only one that a fresh runner finds again with Debian's engine. */
export const startBuildKitInline = (folder: string): Promise<Peer> => startBuildKitOf(folder, { inlineCache: true });

async function startBuildKitOf(folder: string, { inlineCache }: { inlineCache: boolean }): Promise<Peer> {
  const docker = await startDocker(folder, { newer: false });
  return {
    name: `buildkit ${docker.version}${inlineCache ? ' inline cache' : ''}`,
    async build(context, tag) {
      const cache = inlineCache ? INLINE(tag) : [];
      await docker.run('build', '--quiet', '--network=host', ...cache, '--tag', tag, context);
      await docker.run('push', '--quiet', tag);
    },
    async forget() {
      await docker.run('system', 'prune', '--all', '--force');
      await docker.run('builder', 'prune', '--all', '--force');
    },
    close: docker.close,
  };
}

const BUILDX_CACHES = {
  inline: (tag: string): string[] => ['--cache-to', 'type=inline', '--cache-from', `type=registry,ref=${tag}`],
  /** All steps, in the one form that ECR takes. */
  registry(tag: string): string[] {
    const cache = `type=registry,ref=${tag.slice(0, tag.lastIndexOf(':'))}:cache`;
    return ['--cache-to', `${cache},mode=max,image-manifest=true,oci-mediatypes=true`, '--cache-from', cache];
  },
} as const;

export const startBuildxInline = (folder: string): Promise<Peer> => startBuildx(folder, 'inline');
export const startBuildxCached = (folder: string): Promise<Peer> => startBuildx(folder, 'registry');

/** buildx pushes while it builds, which saves it the way through the engine's own store. */
async function startBuildx(folder: string, cache: keyof typeof BUILDX_CACHES): Promise<Peer> {
  const docker = await startDocker(folder, { newer: true });
  return {
    name: `buildkit ${docker.version} ${cache} cache`,
    async build(context, tag) {
      const options = ['--quiet', '--push', '--provenance=false', '--network=host', ...BUILDX_CACHES[cache](tag)];
      await docker.run('buildx', 'build', ...options, '--tag', tag, context);
    },
    async forget() {
      await docker.run('system', 'prune', '--all', '--force');
      await docker.run('buildx', 'prune', '--all', '--force');
    },
    close: docker.close,
  };
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
