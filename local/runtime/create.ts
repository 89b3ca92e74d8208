import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CredentialsProvider } from '../../pipeline/image/registry/client.ts';
import type { CloudEvent } from '../cloud.ts';
import { type ChrootAbilities, chrootLaunch, probeChroot } from './chroot.ts';
import { containerCommand } from './command.ts';
import { startContainer } from './container.ts';
import { directLaunch } from './direct.ts';
import { createImageStore } from './image-store.ts';
import { reapLeftovers } from './leftovers.ts';
import type { Runtime, RuntimeMode } from './runtime.ts';

export interface RuntimeOptions {
  /** Folder of the local cloud; images and containers live in `images` and `containers` below it. */
  readonly home: string;
  /** For registries that ask for credentials. */
  readonly credentials?: CredentialsProvider;
  /** `auto` takes chroot where it works, else direct. */
  readonly mode?: 'auto' | RuntimeMode;
  log(event: CloudEvent): void;
}

const SHARED =
  'Containers share the network of this machine (each gets a port of its own) and its CPU and memory (limits are not enforced).';

/** Finds out how containers can be run on this machine. Throws when the mode that was asked for does not work here. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { home, mode = 'auto', log } = options;
  mkdirSync(join(home, 'containers'), { recursive: true });
  if (mode === 'docker' || mode === 'podman') throw new Error(`the local cloud cannot run containers in ${mode} yet`);
  const abilities = mode === 'direct' ? { reason: 'direct mode was asked for' } : await probeChroot(home);
  if (mode === 'chroot' && 'reason' in abilities)
    throw new Error(`chroot mode does not work here: ${abilities.reason}`);
  const limitations = describeLimitations(abilities);
  log({ source: 'runtime', message: limitations });
  const images = createImageStore(home, options.credentials);
  return {
    mode: 'reason' in abilities ? 'direct' : 'chroot',
    limitations,
    prepare: async (image) => void (await images.open(image)),
    reap: () => reapLeftovers(home),
    async start(spec) {
      const { rootfs, config } = await images.open(spec.image);
      const command = containerCommand(join(home, rootfs), config, spec);
      const request = { home, id: spec.id, rootfs, command, readonlyRoot: spec.readonlyRootFilesystem ?? false };
      return startContainer(home, spec, () =>
        'reason' in abilities ? directLaunch(request) : chrootLaunch(request, abilities),
      );
    },
  };
}

function describeLimitations(abilities: ChrootAbilities | { readonly reason: string }): string {
  if ('reason' in abilities) {
    return `Containers run as plain processes without isolation (${abilities.reason}): they see this machine's files, users and processes, and read-only file systems are not enforced. ${SHARED}`;
  }
  const user = abilities.userNamespace ? ' Without root, the program is user 0 in a user namespace of its own.' : '';
  const layer = abilities.overlay ? '' : ' Only /tmp can be written to, because overlay mounts do not work here.';
  return `Containers run in chroot with PID and mount namespaces of their own.${user}${layer} ${SHARED}`;
}
