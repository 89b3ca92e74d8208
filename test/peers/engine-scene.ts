import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { containerName, homeMark } from '../../local/runtime/engine/settings.ts';
import type { Scene } from '../compute/scenarios/scene.ts';

/** Containers in an engine, seen through its own command line and through the processes that watch over them. */
export function engineScene(mode: 'docker' | 'podman'): Scene {
  return {
    mode,
    outlivesCloud: true,
    ownVariables: ['HOME', 'HOSTNAME', 'TERM', 'container'],
    async left(home) {
      const filter = `label=slipway.home=${homeMark(home)}`;
      const list = ['ps', '--all', '--filter', filter, '--format', '{{.Names}}'];
      const { stdout } = await promisify(execFile)(mode, list, { env: { ...process.env } });
      const names = stdout.split('\n').filter((name) => name !== '');
      return [...names, ...watchersOf(containerName(home, '')).filter((name) => !names.includes(name))];
    },
  };
}

/** Names of containers that Podman's monitor processes watch over, whether or not Podman still knows them. */
function watchersOf(prefix: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => commandOf(pid).filter((argument) => argument.startsWith(prefix)));
}

function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
