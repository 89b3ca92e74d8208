import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Debian 12 packages Docker 20.10 without buildx, whose BuildKit keeps no cache of its own in a registry. Debian 13 has Docker 26.1 with buildx, and its programs run on Debian 12,
 * too: `node tools/get-newer-docker.ts` unpacks them into this folder and installs nothing.
 */
export const NEWER_DOCKER = process.env['SLIPWAY_DOCKER'] ?? join(homedir(), '.cache/slipway/docker');

export const HOW_TO_GET_IT =
  'Docker 26.1 with buildx is not here: "node tools/get-newer-docker.ts" gets it from Debian 13 and installs nothing';

export interface NewerDocker {
  /** Engine and client before all others. */
  readonly path: string;
  /** Folder for DOCKER_CONFIG: the client finds buildx there. */
  readonly configuration: string;
  /** For dockerd: images are kept as containerd has them, without which the cache cannot be left in a registry. */
  readonly options: readonly string[];
}

const BUILDX = 'usr/libexec/docker/cli-plugins/docker-buildx';
const PROGRAMS = ['usr/sbin/dockerd', 'usr/bin/docker', 'usr/bin/containerd', BUILDX];

export const hasNewerDocker = (): boolean => PROGRAMS.every((program) => existsSync(join(NEWER_DOCKER, program)));

/** What engine and client have to be started with. @param home folder of this engine alone */
export function prepareNewerDocker(home: string): NewerDocker {
  if (!hasNewerDocker()) throw new Error(HOW_TO_GET_IT);
  const configuration = join(home, 'config');
  const plugins = join(configuration, 'cli-plugins');
  mkdirSync(plugins, { recursive: true });
  symlinkSync(join(NEWER_DOCKER, BUILDX), join(plugins, 'docker-buildx'));
  const file = join(home, 'daemon.json');
  writeFileSync(file, JSON.stringify({ features: { 'containerd-snapshotter': true } }));
  const folders = ['usr/bin', 'usr/sbin'].map((folder) => join(NEWER_DOCKER, folder));
  return {
    path: [...folders, process.env['PATH']].join(':'),
    configuration,
    options: ['--config-file', file],
  };
}
