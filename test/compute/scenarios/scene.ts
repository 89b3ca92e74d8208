import { runningContainers } from '../../../local/runtime/leftovers.ts';
import type { RuntimeMode } from '../../../local/runtime/runtime.ts';

/** How the scenarios run their containers, and what to expect of that. */
export interface Scene {
  readonly mode: RuntimeMode;
  /** Containers of a killed local cloud live until the next one ends them; otherwise they end with it. */
  readonly outlivesCloud: boolean;
  /** Variables that the mode itself adds to a container's environment. */
  readonly ownVariables: readonly string[];
  /** Names of the containers that a local cloud has at the moment. */
  left(home: string): Promise<readonly string[]>;
}

/** Containers that run as processes of this machine. */
export function processScene(mode: 'chroot' | 'direct'): Scene {
  return {
    mode,
    outlivesCloud: false,
    ownVariables: mode === 'direct' ? ['TMPDIR'] : [],
    left: async (home) => runningContainers(home).map(({ id }) => id),
  };
}
