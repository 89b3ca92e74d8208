import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { memoryFolder } from '../../local/github/runs/scratch.ts';

/**
 * Everything of a local cloud that is still there, in words: processes whose command line, folder or environment mentions its folder or (as containers do) one of
 * its addresses, mounts below that folder, and listeners on its ports. Linux only, because it reads /proc.
 */
export function findLeftovers(home: string, ports: readonly number[]): string[] {
  return [...workspaces(home), ...processesOf(home, ports), ...mountsBelow(home), ...listenersOn(ports)];
}

function workspaces(home: string): string[] {
  const folder = memoryFolder(home);
  return existsSync(folder) ? [`folder ${folder}`] : [];
}

function processesOf(home: string, ports: readonly number[]): string[] {
  const names = [home, memoryFolder(home), ...ports.map((port) => `127.0.0.1:${port}`)];

  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    const environment = read(`/proc/${pid}/environ`).split('\0');
    const variable = environment.find((entry) => names.some((name) => mentions(entry, name)));
    const reasons = [
      ...(mentions(command, home) ? ['its command line'] : []),
      ...([home, memoryFolder(home)].some((folder) => mentions(link(`/proc/${pid}/cwd`), folder))
        ? ['its folder']
        : []),
      ...(variable === undefined ? [] : [variable]),
    ];
    return reasons.length === 0 ? [] : [`process ${pid} (${command.slice(0, 200)}): ${reasons.join(', ')}`];
  });
}

/** `/tmp/a` is not mentioned by `/tmp/ab`. */
function mentions(text: string, home: string): boolean {
  const at = text.indexOf(home);
  return at >= 0 && !/[\w-]/.test(text[at + home.length] ?? '');
}

function mountsBelow(home: string): string[] {
  const lines = read('/proc/mounts').split('\n');
  return lines.filter((line) => mentions(line.split(' ')[1] ?? '', home)).map((line) => `mount ${line}`);
}

const LISTEN = '0A';

function listenersOn(ports: readonly number[]): string[] {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => read(file).split('\n').slice(1));
  const listening = lines.flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === LISTEN ? [Number.parseInt(local?.split(':')[1] ?? '', 16)] : [];
  });
  return ports.filter((port) => listening.includes(port)).map((port) => `listener on port ${port}`);
}

/** Empty for what is gone or not ours to read. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function link(file: string): string {
  try {
    return existsSync(file) ? readlinkSync(file) : '';
  } catch {
    return '';
  }
}
