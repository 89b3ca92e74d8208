import type { CredentialsProvider } from '../../../pipeline/image/registry/client.ts';
import { reapLeftovers } from '../leftovers.ts';
import type { Runtime } from '../runtime.ts';
import { startEngineContainer } from './container.ts';
import type { Engine } from './find.ts';
import { createEngineImages } from './images.ts';
import { forgetEngine, reapContainers, recordEngine } from './leftovers.ts';

/**
 * Containers in a Docker or Podman engine, through its API on a unix socket rather than its command line: no process per container, errors with a status,
 * and every step (create, listen, start, wait, remove) is known to have happened or not.
 */
export function createEngineRuntime(home: string, engine: Engine, credentials?: CredentialsProvider): Runtime {
  const { kind } = engine;
  const images = createEngineImages(engine, credentials);
  return {
    mode: kind,
    limitations: describeEngine(engine),
    prepare: (image) => images.prepare(image),
    async start(spec) {
      await images.prepare(spec.image);
      recordEngine(home, engine);
      return startEngineContainer({ engine, home }, spec);
    },
    async reap() {
      const ended = await reapContainers(home, engine.client);
      forgetEngine(home, engine);
      // The predecessor may have run in another mode.
      return ended + (await reapLeftovers(home));
    },
    async close() {
      forgetEngine(home, engine);
      await engine.close();
    },
  };
}

export function describeEngine({
  kind,
  version,
  limitsMemory,
}: Pick<Engine, 'kind' | 'version' | 'limitsMemory'>): string {
  const name = kind === 'docker' ? 'Docker' : 'Podman';
  const memory = limitsMemory
    ? 'Memory limits are enforced, CPU limits are not.'
    : 'Limits on memory and CPU are not enforced.';
  return `Containers run in ${name} ${version}. They share the network of this machine (each gets a port of its own). ${memory}`;
}
