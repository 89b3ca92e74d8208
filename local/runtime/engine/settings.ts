import { createHash } from 'node:crypto';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { ContainerSpec, Exit } from '../runtime.ts';
import type { Ulimit } from './limits.ts';

export const HOME_LABEL = 'slipway.home';

/** What marks the containers of one local cloud among all of an engine. */
export function homeMark(home: string): string {
  return createHash('sha256').update(resolve(home)).digest('hex').slice(0, 16);
}

export const containerName = (home: string, id: string): string => `slipway-${homeMark(home).slice(0, 8)}-${id}`;

/**
 * Body of the Engine API's ContainerCreate: the network of this machine, so that addresses on 127.0.0.1 hold inside too; a /tmp of its own; the declared
 * environment only (the engine adds the image's, HOME and HOSTNAME). Nothing is restarted or kept by the engine: the local cloud decides that.
 */
export function containerSettings(home: string, spec: ContainerSpec, ulimits: readonly Ulimit[] = []): object {
  const { entryPoint, command, environment, user, workingDirectory, memory } = spec;
  return {
    Image: spec.image,
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: { [HOME_LABEL]: homeMark(home) },
    AttachStdout: true,
    AttachStderr: true,
    ...(entryPoint?.length ? { Entrypoint: entryPoint } : {}),
    ...(command?.length ? { Cmd: command } : {}),
    ...(user ? { User: user } : {}),
    ...(workingDirectory ? { WorkingDir: workingDirectory } : {}),
    HostConfig: {
      NetworkMode: 'host',
      ReadonlyRootfs: spec.readonlyRootFilesystem ?? false,
      Tmpfs: { '/tmp': 'rw,exec,nosuid,mode=1777' },
      LogConfig: { Type: 'none' },
      ...(ulimits.length > 0 ? { Ulimits: ulimits } : {}),
      // Without swap, as on AWS: a container above its limit is killed.
      ...(memory ? { Memory: memory, MemorySwap: memory } : {}),
    },
  };
}

/** Engines report a signal as 128 plus its number, as shells do. */
export function exitOf(status: number): Exit {
  const signal = Object.entries(constants.signals).find(([, number]) => number === status - 128)?.[0];
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}
