import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { boxPath, createBox, removeBox } from './box.ts';
import type { ContainerCommand } from './command.ts';
import type { Launch } from './container.ts';

/** How far chroot mode goes on this machine. */
export interface ChrootAbilities {
  /** Namespaces of an ordinary user instead of root. */
  readonly userNamespace: boolean;
  /** Each container can have its own writable layer. */
  readonly overlay: boolean;
}

export interface ChrootRequest {
  readonly home: string;
  readonly id: string;
  /** Relative to home. */
  readonly rootfs: string;
  readonly command: ContainerCommand;
  readonly readonlyRoot: boolean;
}

const TOOL_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

/** A system tool by its full path: the container's PATH must not decide which `mount` runs. */
function tool(name: string): string {
  return TOOL_FOLDERS.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? name;
}

/**
 * The process that enters new PID and mount namespaces, mounts the container's root (the image below, its own layer on top) with
 * /proc, a small /dev and its own /tmp, changes root and user, and becomes the program. All mounts are in its own namespace: they are gone when
 * it ends, however it ends. Paths are relative to home, because mount options cannot carry every path.
 */
export function chrootLaunch(request: ChrootRequest, abilities: ChrootAbilities): Launch {
  const { home, id, command } = request;
  const root = join(home, boxPath(id), 'root');
  const identity = abilities.userNamespace ? [] : [`--setgid=${command.user.group}`, `--setuid=${command.user.id}`];
  const enter = [tool('unshare'), `--root=${root}`, `--wd=${command.workingDirectory}`, ...identity, '--'];
  const clean = [tool('env'), ...shellVariables(command.environment)];
  return {
    file: tool('unshare'),
    args: [
      ...namespaces(abilities),
      ...['-c', `${mountScript(request, abilities)} && exec "$@"`, 'sh'],
      ...[...clean, ...enter, ...command.argv],
    ],
    environment: command.environment,
    cwd: home,
  };
}

/** Arguments of `unshare` up to a shell in new namespaces. */
function namespaces({ userNamespace }: ChrootAbilities): readonly string[] {
  const user = userNamespace ? ['--user', '--map-root-user'] : [];
  return [...user, '--fork', '--pid', '--kill-child', '--mount', '--', '/bin/sh'];
}

/** The script has no variables of its own: they would become the program's. */
function mountScript(request: ChrootRequest, { overlay }: ChrootAbilities): string {
  const steps = mountSteps(request, overlay).map((step) => step.map(quote).join(' '));
  return [...steps, deviceSteps(join(boxPath(request.id), 'root', 'dev'))].join(' && ');
}

function mountSteps({ id, rootfs, readonlyRoot }: ChrootRequest, overlay: boolean): readonly (readonly string[])[] {
  const box = boxPath(id);
  const root = join(box, 'root');
  const mount = tool('mount');
  const layers = `lowerdir=${rootfs},upperdir=${join(box, 'upper')},workdir=${join(box, 'work')}`;
  const base =
    overlay && !readonlyRoot
      ? [[mount, '-t', 'overlay', '-o', layers, 'overlay', root]]
      : [
          [mount, '--bind', rootfs, root],
          [mount, '-o', 'remount,bind,ro', root],
        ];
  return [
    ...base,
    [mount, '-t', 'proc', 'proc', join(root, 'proc')],
    [mount, '--bind', join(box, 'tmp'), join(root, 'tmp')],
    [mount, '-t', 'tmpfs', '-o', 'mode=755', 'dev', join(root, 'dev')],
    ...['resolv.conf', 'hosts']
      .filter((name) => existsSync(join('/etc', name)))
      .map((name) => [mount, '--bind', join('/etc', name), join(root, 'etc', name)]),
  ];
}

function deviceSteps(folder: string): string {
  const mount = quote(tool('mount'));
  const devices = DEVICES.map(
    (name) => `: > ${quote(`${folder}/${name}`)} && ${mount} --bind /dev/${name} ${quote(`${folder}/${name}`)}`,
  );
  const links = ['fd', 'fd/0 stdin', 'fd/1 stdout', 'fd/2 stderr'].map((link) => {
    const [target = '', name = target] = link.split(' ');
    return `${quote(tool('ln'))} -s /proc/self/${target} ${quote(`${folder}/${name}`)}`;
  });
  const memory = `${quote(tool('mkdir'))} -m 1777 ${quote(`${folder}/shm`)}`;
  return [...devices, ...links, memory].join(' && ');
}

/** Variables that a shell makes up; the program must not see them unless they were asked for. */
function shellVariables(environment: Readonly<Record<string, string>>): readonly string[] {
  return ['PWD', 'OLDPWD', 'SHLVL', '_'].filter((name) => !(name in environment)).flatMap((name) => ['-u', name]);
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Tries chroot mode out with a container that does nothing. Returns what works, or why nothing does.
 */
export async function probeChroot(home: string): Promise<ChrootAbilities | { readonly reason: string }> {
  if (process.platform !== 'linux') return { reason: `chroot mode needs Linux, this is ${process.platform}` };
  const userNamespace = process.getuid?.() !== 0;
  let reason = '';
  for (const overlay of [true, false]) {
    try {
      await tryOut(home, { userNamespace, overlay });
      return { userNamespace, overlay };
    } catch (error) {
      reason = String((error as { stderr?: unknown }).stderr ?? error).trim();
    }
  }
  return { reason };
}

async function tryOut(home: string, abilities: ChrootAbilities): Promise<void> {
  const id = `probe-${process.pid}`;
  createBox(home, id);
  const image = join(boxPath(id), 'image');
  for (const name of ['proc', 'dev', 'tmp', 'etc']) mkdirSync(join(home, image, name), { recursive: true });
  for (const name of ['resolv.conf', 'hosts']) writeFileSync(join(home, image, 'etc', name), '');
  try {
    const request = { home, id, rootfs: image, readonlyRoot: false, command: NOTHING };
    await promisify(execFile)(tool('unshare'), [...namespaces(abilities), '-c', mountScript(request, abilities)], {
      cwd: home,
    });
  } finally {
    await removeBox(home, id);
  }
}

const NOTHING: ContainerCommand = { argv: [], environment: {}, workingDirectory: '/', user: { id: 0, group: 0 } };
