import type { CredentialsProvider } from '../../../pipeline/image/registry/client.ts';
import { reapLeftovers } from '../leftovers.ts';
import type { Runtime } from '../runtime.ts';
import { startEngineContainer } from './container.ts';
import type { Engine } from './find.ts';
import { createEngineImages } from './images.ts';
import { HOME_LABEL, homeMark } from './settings.ts';

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
      return startEngineContainer({ engine, home }, spec);
    },
    // The predecessor may have run in another mode.
    reap: async () => (await reapContainers(home, engine)) + (await reapLeftovers(home)),
    close: async () => engine.close(),
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

async function reapContainers(home: string, { client }: Engine): Promise<number> {
  const filters = JSON.stringify({ label: [`${HOME_LABEL}=${homeMark(home)}`] });
  const left = await client.json<{ Id: string; State: string }[]>({
    path: '/containers/json',
    query: { all: 'true', filters },
  });
  const query = { force: 'true', v: 'true' };
  await Promise.all(left.map(({ Id }) => client.call({ method: 'DELETE', path: `/containers/${Id}`, query })));
  return left.filter(({ State }) => State === 'running').length;
}
