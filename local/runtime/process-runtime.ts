import { join } from 'node:path';
import type { CredentialsProvider } from '../../pipeline/image/registry/client.ts';
import { type ChrootAbilities, chrootLaunch } from './chroot.ts';
import { containerCommand } from './command.ts';
import { startContainer } from './container.ts';
import { directLaunch } from './direct.ts';
import { createGuardian } from './guardian.ts';
import { createImageStore } from './image-store.ts';
import { reapLeftovers } from './leftovers.ts';
import type { Runtime } from './runtime.ts';

const SHARED =
  'Containers share the network of this machine (each gets a port of its own) and its CPU and memory (limits are not enforced).';

/** Containers as processes of this machine: in chroot where that works, else (with the reason why not) as they are. */
export function createProcessRuntime(
  home: string,
  abilities: ChrootAbilities | { readonly reason: string },
  credentials?: CredentialsProvider,
): Runtime {
  const images = createImageStore(home, credentials);
  const guardian = createGuardian();
  return {
    mode: 'reason' in abilities ? 'direct' : 'chroot',
    limitations: describeProcesses(abilities),
    prepare: async (image) => void (await images.open(image)),
    reap: () => reapLeftovers(home),
    async start(spec) {
      const { rootfs, config } = await images.open(spec.image);
      const command = containerCommand(join(home, rootfs), config, spec);
      const request = { home, id: spec.id, rootfs, command, readonlyRoot: spec.readonlyRootFilesystem ?? false };
      return startContainer({ home, guardian }, spec, () =>
        'reason' in abilities ? directLaunch(request) : chrootLaunch(request, abilities),
      );
    },
    close: async () => guardian.close(),
  };
}

function describeProcesses(abilities: ChrootAbilities | { readonly reason: string }): string {
  if ('reason' in abilities) {
    return `Containers run as plain processes without isolation (${abilities.reason}): they see this machine's files, users and processes, and read-only file systems are not enforced. ${SHARED}`;
  }
  const user = abilities.userNamespace ? ' Without root, the program is user 0 in a user namespace of its own.' : '';
  const layer = abilities.overlay ? '' : ' Only /tmp can be written to, because overlay mounts do not work here.';
  return `Containers run in chroot with PID and mount namespaces of their own.${user}${layer} ${SHARED}`;
}
