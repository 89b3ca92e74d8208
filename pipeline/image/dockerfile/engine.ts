import { run } from './command.ts';

/** Programs that build from a Dockerfile, best first. */
export const ENGINES = ['buildx', 'docker', 'podman', 'buildah'] as const;
export type Engine = (typeof ENGINES)[number];

/** How each engine proves that it works here: for docker that takes a daemon that answers. */
const PROBES: Readonly<Record<Engine, readonly (readonly string[])[]>> = {
  buildx: [
    ['docker', 'info'],
    ['docker', 'buildx', 'version'],
  ],
  docker: [['docker', 'info']],
  podman: [['podman', 'info']],
  buildah: [['buildah', '--version']],
};

/** The first engine that works on this machine; undefined when none does. */
export async function findEngine(among: readonly Engine[] = ENGINES): Promise<Engine | undefined> {
  for (const engine of among) if (await works(engine)) return engine;
  return undefined;
}

async function works(engine: Engine): Promise<boolean> {
  for (const command of PROBES[engine]) if (!(await run({ command })).ok) return false;
  return true;
}
