import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CredentialsProvider } from '../../pipeline/image/registry/client.ts';
import type { CloudEvent } from '../cloud.ts';
import { probeChroot } from './chroot.ts';
import { findDocker, findPodman, findServedPodman, type NoEngine } from './engine/find.ts';
import { createEngineRuntime } from './engine/runtime.ts';
import { createProcessRuntime } from './process-runtime.ts';
import { RUNTIME_MODES, type Runtime, type RuntimeMode } from './runtime.ts';

export interface RuntimeOptions {
  /** Folder of the local cloud; images and containers live in `images` and `containers` below it. */
  readonly home: string;
  /** For registries that ask for credentials. */
  readonly credentials?: CredentialsProvider;
  /** `auto` takes the first of docker, podman (if its service runs already), chroot and direct that works here. */
  readonly mode?: 'auto' | RuntimeMode;
  log(event: CloudEvent): void;
}

/** A mode that was asked for by name may take its time to answer (ms). */
const PATIENT_PING = 5000;

/** Finds out how containers can be run on this machine. Throws when the mode that was asked for does not work here. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { home, mode = 'auto', log } = options;
  if (mode !== 'auto' && !RUNTIME_MODES.includes(mode))
    throw new Error(`there is no runtime '${String(mode)}': SLIPWAY_RUNTIME is one of ${RUNTIME_MODES.join(', ')}`);
  mkdirSync(join(home, 'containers'), { recursive: true });
  const runtime = mode === 'auto' ? await chooseRuntime(options) : await forceRuntime(options, mode);
  log({ source: 'runtime', message: runtime.limitations });
  return runtime;
}

async function chooseRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { home, credentials, log } = options;
  for (const find of [() => findDocker(), findServedPodman]) {
    const found = await find();
    if (!('reason' in found)) return createEngineRuntime(home, found, credentials);
    if (!found.absent) log({ source: 'runtime', message: `a container engine is here but not used: ${found.reason}` });
  }
  return createProcessRuntime(home, await probeChroot(home), credentials);
}

async function forceRuntime({ home, credentials }: RuntimeOptions, mode: RuntimeMode): Promise<Runtime> {
  switch (mode) {
    case 'docker':
      return createEngineRuntime(home, demand(mode, await findDocker(PATIENT_PING)), credentials);
    case 'podman':
      return createEngineRuntime(home, demand(mode, await findPodman(home)), credentials);
    case 'chroot':
      return createProcessRuntime(home, demand(mode, await probeChroot(home)), credentials);
    case 'direct':
      return createProcessRuntime(home, { reason: 'direct mode was asked for' }, credentials);
  }
}

function demand<Found extends object>(mode: RuntimeMode, found: Found | NoEngine | { readonly reason: string }): Found {
  if (!('reason' in found)) return found as Found;
  throw new Error(
    `SLIPWAY_RUNTIME=${mode} does not work here: ${found.reason}. Without SLIPWAY_RUNTIME the best that works is chosen.`,
  );
}
