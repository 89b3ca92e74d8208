import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { createEngineClient, type EngineClient } from './client.ts';
import { limitsOf, type Ulimit } from './limits.ts';
import { startPodmanService } from './podman-service.ts';

/** A container engine that answers and whose containers can share this machine's network. */
export interface Engine {
  readonly kind: 'docker' | 'podman';
  readonly client: EngineClient;
  readonly socket: string;
  readonly version: string;
  /** Whether limits on memory are enforced. */
  readonly limitsMemory: boolean;
  /** What its containers have to be given, lest it asks for more than it may. */
  readonly ulimits: readonly Ulimit[];
  close(): Promise<void>;
}

export interface NoEngine {
  readonly reason: string;
  /** Nothing of this engine is installed, so nobody expects it to be used. */
  readonly absent: boolean;
}

/** As far as `GET /info` is used. */
export interface EngineInfo {
  readonly ServerVersion?: string;
  readonly KernelVersion?: string;
  readonly OSType?: string;
  readonly MemoryLimit?: boolean;
  readonly SecurityOptions?: readonly string[] | null;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';
/** An engine that is up answers a ping in a few milliseconds. */
const PING_TIMEOUT = 250;
const INFO_TIMEOUT = 5000;

/** The Docker engine behind DOCKER_HOST, else behind the usual socket. A `docker` program alone is none. */
export async function findDocker(pingTimeout = PING_TIMEOUT): Promise<Engine | NoEngine> {
  const socket = dockerSocket(process.env['DOCKER_HOST']);
  if (typeof socket !== 'string') return socket;
  if (!existsSync(socket)) return { reason: `there is no Docker engine at ${socket}`, absent: true };
  return examine('docker', socket, { pingTimeout, close: async () => undefined });
}

/** Where to find Docker; only engines on this machine can share its network. */
export function dockerSocket(host: string | undefined): string | NoEngine {
  if (!host) return DEFAULT_SOCKET;
  const path = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  return path ?? { reason: `DOCKER_HOST is ${host}, only unix:///path can be used here`, absent: false };
}

/**
 * A Podman whose service runs already, the system's or the user's. A private one is only started when Podman is asked for by name.
 */
export async function findServedPodman(): Promise<Engine | NoEngine> {
  const folders = ['/run', process.env['XDG_RUNTIME_DIR'] ?? ''].filter((folder) => folder !== '');
  const socket = folders.map((folder) => `${folder}/podman/podman.sock`).find((path) => existsSync(path));
  if (socket === undefined) return { reason: 'no Podman service runs', absent: true };
  return examine('podman', socket, { pingTimeout: PING_TIMEOUT, close: async () => undefined });
}

/** A private service of an installed Podman. */
export async function findPodman(home: string): Promise<Engine | NoEngine> {
  const service = await startPodmanService(home);
  if ('reason' in service) return service;
  const found = await examine('podman', service.socket, { pingTimeout: INFO_TIMEOUT, close: service.close });
  if (!('reason' in found)) return { ...found, ulimits: limitsOf(service.pid) };
  await service.close();
  return found;
}

async function examine(
  kind: Engine['kind'],
  socket: string,
  options: { readonly pingTimeout: number; close(): Promise<void> },
): Promise<Engine | NoEngine> {
  const client = createEngineClient(socket);
  try {
    await client.call({ path: '/_ping', timeout: options.pingTimeout });
    const info = await client.json<EngineInfo>({ path: '/info', timeout: INFO_TIMEOUT });
    const reason = whyUnusable(kind, info);
    if (reason) return { reason, absent: false };
    const { ServerVersion = 'of unknown version', MemoryLimit = false } = info;
    return {
      kind,
      client,
      socket,
      version: ServerVersion,
      limitsMemory: MemoryLimit,
      ulimits: [],
      close: options.close,
    };
  } catch (error) {
    return { reason: `the engine at ${socket} does not answer (${String(error)})`, absent: false };
  }
}

/** Why containers of this engine could not reach 127.0.0.1 of this machine; undefined when they can. */
export function whyUnusable(kind: Engine['kind'], info: EngineInfo, kernel = release()): string | undefined {
  if (info.OSType !== undefined && info.OSType !== 'linux') return `its containers are ${info.OSType} containers`;
  if (info.KernelVersion !== kernel) return 'it runs in a virtual machine, so containers would not share this network';
  if (kind === 'docker' && info.SecurityOptions?.some((option) => option.includes('name=rootless')))
    return 'it is rootless, so containers would not share this network';
  return undefined;
}
