import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { homeMark } from '../../local/runtime/engine/settings.ts';
import type { Scene } from '../compute/scenarios/scene.ts';

/** Containers in an engine, seen through its own command line. */
export function engineScene(mode: 'docker' | 'podman'): Scene {
  return {
    mode,
    outlivesCloud: true,
    ownVariables: ['HOME', 'HOSTNAME', 'TERM', 'container'],
    async left(home) {
      const filter = `label=slipway.home=${homeMark(home)}`;
      const list = ['ps', '--all', '--filter', filter, '--format', '{{.Names}}'];
      const { stdout } = await promisify(execFile)(mode, list, { env: { ...process.env } });
      return stdout.split('\n').filter((name) => name !== '');
    },
  };
}
