import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { boxPath } from './box.ts';
import type { ContainerCommand } from './command.ts';
import type { Launch } from './container.ts';
import { resolveInside } from './inside.ts';
import { ImageError } from './runtime.ts';

/**
 * The image's own program as a plain process on this machine: its binary from the unpacked image on this machine's C library. Absolute paths among
 * the arguments and in PATH are moved below the unpacked image; absolute paths inside the program are not.
 */
export function directLaunch(request: {
  readonly home: string;
  readonly id: string;
  /** Relative to home. */
  readonly rootfs: string;
  readonly command: ContainerCommand;
}): Launch {
  const rootfs = join(request.home, request.rootfs);
  const { argv, environment, workingDirectory } = request.command;
  const [program = '', ...args] = argv;
  const path = environment['PATH'] ?? '';
  const moved = path.split(':').map((folder) => resolveInside(rootfs, folder));
  return {
    file: findProgram({ rootfs, program, path, workingDirectory }),
    args: args.map((argument) => below(rootfs, argument)),
    environment: { ...environment, PATH: moved.join(':'), TMPDIR: join(request.home, boxPath(request.id), 'tmp') },
    cwd: resolveInside(rootfs, workingDirectory),
  };
}

function findProgram(search: { rootfs: string; program: string; path: string; workingDirectory: string }): string {
  const { rootfs, program, path, workingDirectory } = search;
  const candidates = program.includes('/')
    ? [join('/', program.startsWith('/') ? '' : workingDirectory, program)]
    : path.split(':').map((folder) => join('/', folder, program));
  const found = candidates.map((file) => resolveInside(rootfs, file)).find((file) => existsSync(file));
  if (!found) throw new ImageError(`the image has no program '${program}'`);
  return found;
}

function below(rootfs: string, argument: string): string {
  if (!argument.startsWith('/')) return argument;
  const moved = resolveInside(rootfs, argument);
  return existsSync(moved) ? moved : argument;
}
