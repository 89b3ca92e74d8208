import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../workflow/run/types.ts';
import type { Site } from '../site.ts';

/** How GitHub stops a step: SIGINT, SIGTERM after 7.5 s, SIGKILL after another 2.5 s. */
const GRACE = { interrupt: 7500, terminate: 2500 };

/** The machine that jobs run on: this one, with nothing of the developer's environment but what the options name. */
export function machineOf({ cloud, options, folder }: Site): Machine {
  const toolCache = join(cloud.home, 'github', 'tools');
  const caches = join(cloud.home, 'github', 'caches');
  const artifacts = join(cloud.home, 'runs');
  for (const each of [toolCache, caches]) mkdirSync(each, { recursive: true });
  return {
    environment: { LANG: 'C.UTF-8', ...options.runnerEnvironment },
    standIns: join(import.meta.dirname, '..', '..', 'workflow', 'standins'),
    standInEnvironment: {
      SLIPWAY_STANDIN_REPOSITORY: folder,
      SLIPWAY_STANDIN_CACHES: caches,
      SLIPWAY_STANDIN_RUNS: artifacts,
      SLIPWAY_STANDIN_NODE: process.execPath,
      ...(options.dependencies && {
        SLIPWAY_STANDIN_LOCKFILE: options.dependencies.lockfile,
        SLIPWAY_STANDIN_MODULES: options.dependencies.folder,
      }),
    },
    toolCache,
    grace: options.grace ?? GRACE,
  };
}
