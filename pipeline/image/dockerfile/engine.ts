import { type Command, run } from './command.ts';

/** Programs that build from a Dockerfile, best first. */
export const ENGINES = ['buildx', 'buildkit', 'docker', 'podman', 'buildah'] as const;
export type Engine = (typeof ENGINES)[number];

/** The switch for BuildKit in clients that have it built in; younger ones want the plugin buildx for it. */
export const BUILDKIT = { DOCKER_BUILDKIT: '1' } as const;
const INFO: Command = { command: ['docker', 'info'] };

/** How each engine proves that it works here: for docker that takes a daemon that answers. */
const PROBES: Readonly<Record<Engine, readonly Command[]>> = {
  buildx: [INFO, { command: ['docker', 'buildx', 'version'] }],
  buildkit: [INFO, { command: ['docker', 'build', '--help'], environment: BUILDKIT }],
  docker: [INFO],
  podman: [{ command: ['podman', 'info'] }],
  buildah: [{ command: ['buildah', '--version'] }],
};

/** The first engine that works on this machine; undefined when none does. */
export async function findEngine(among: readonly Engine[] = ENGINES): Promise<Engine | undefined> {
  for (const engine of among) if (await works(engine)) return engine;
  return undefined;
}

async function works(engine: Engine): Promise<boolean> {
  for (const command of PROBES[engine]) if (!(await run(command)).ok) return false;
  return true;
}

/** Whether Podman or Buildah is young enough to leave each step of a build in a repository (Buildah 1.26, Podman 4.2). */
export async function exportsSteps(engine: 'podman' | 'buildah'): Promise<boolean> {
  return (await run({ command: [engine, 'build', '--cache-to', 'x', '--help'] })).ok;
}

/**
 * Whether buildx leaves its cache elsewhere than in the image: Docker's own builder does when the engine keeps images as containerd has them, every other builder always
 * (https://docs.docker.com/build/cache/backends/). A build that is asked for it in vain fails.
 */
export async function exportsCache(): Promise<boolean> {
  const { ok, output } = await run({ command: ['docker', 'buildx', 'inspect'] });
  const driver = /^Driver:\s+(\S+)/m.exec(output)?.[1];
  if (!ok || driver !== 'docker') return ok;
  const info = await run({ command: ['docker', 'info', '--format', '{{json .DriverStatus}}'] });
  return info.ok && info.output.includes('io.containerd.snapshotter');
}
