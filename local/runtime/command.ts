import { readFileSync } from 'node:fs';
import type { ContainerConfig } from '../../pipeline/image/registry/oci.ts';
import { resolveInside } from './inside.ts';
import { type ContainerSpec, ImageError } from './runtime.ts';

/** What is run, as the container sees it. */
export interface ContainerCommand {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user: { readonly id: number; readonly group: number };
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Joins what the image says with what the task says, as container engines do: an entry point of the task also drops the image's
 * command, and the environment is the image's and the task's and nothing else.
 */
export function containerCommand(rootfs: string, config: ContainerConfig, spec: ContainerSpec): ContainerCommand {
  const entryPoint = spec.entryPoint?.length ? spec.entryPoint : (config.Entrypoint ?? []);
  const imageCommand = spec.entryPoint?.length ? [] : (config.Cmd ?? []);
  const argv = [...entryPoint, ...(spec.command?.length ? spec.command : imageCommand)];
  if (argv.length === 0) throw new ImageError(`${spec.image} has no command and none was given`);
  const imageVariables = (config.Env ?? []).map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]);
  return {
    argv,
    environment: { PATH: DEFAULT_PATH, ...Object.fromEntries(imageVariables), ...spec.environment },
    workingDirectory: spec.workingDirectory || config.WorkingDir || '/',
    user: findUser(rootfs, spec.user || config.User || '0'),
  };
}

/** User and group ids of `1000`, `node` or `1000:1000`; names are looked up in the image's own files. */
function findUser(rootfs: string, user: string): { id: number; group: number } {
  const [name = '', group] = user.split(':');
  const entry = lookUp(rootfs, '/etc/passwd', name);
  const id = /^\d+$/.test(name) ? Number(name) : Number(entry?.[2] ?? Number.NaN);
  const groupId = group === undefined ? Number(entry?.[3] ?? 0) : findGroup(rootfs, group);
  if (Number.isNaN(id) || Number.isNaN(groupId)) throw new ImageError(`the image has no user '${user}'`);
  return { id, group: groupId };
}

function findGroup(rootfs: string, group: string): number {
  return /^\d+$/.test(group) ? Number(group) : Number(lookUp(rootfs, '/etc/group', group)?.[2] ?? Number.NaN);
}

/** The line of a passwd or group file with this name or number. */
function lookUp(rootfs: string, file: string, key: string): readonly string[] | undefined {
  let text: string;
  try {
    text = readFileSync(resolveInside(rootfs, file), 'utf8');
  } catch {
    return undefined;
  }
  const lines = text.split('\n').map((line) => line.split(':'));
  return lines.find(([name]) => name === key) ?? lines.find(([, , id]) => id === key);
}
