import { createServer } from 'node:net';
import type { Endpoints } from '../cloud.ts';

/** What each port of a local cloud's block of ten is for, in order. */
const OFFSETS = { web: 0, aws: 1, registry: 2, github: 3, sentry: 4, terraform: 5, control: 6 } as const;

export type Ports = Readonly<Record<keyof typeof OFFSETS, number>>;

const FIRST_BASE = 4570;
const BLOCK = 10;
const BLOCKS = 100;

export type PortChoice =
  | { readonly kind: 'chosen'; readonly base: number }
  | { readonly kind: 'refused'; readonly message: string };

export function portsFrom(base: number): Ports {
  return Object.fromEntries(Object.entries(OFFSETS).map(([name, offset]) => [name, base + offset])) as Ports;
}

export function endpointsFrom(ports: Ports): Endpoints {
  return {
    aws: `http://127.0.0.1:${ports.aws}`,
    registry: `127.0.0.1:${ports.registry}`,
    github: `http://127.0.0.1:${ports.github}`,
    sentry: `http://127.0.0.1:${ports.sentry}`,
    web: `http://127.0.0.1:${ports.web}`,
    terraform: `127.0.0.1:${ports.terraform}`,
  };
}

/**
 * Chooses the block of ports. A local cloud keeps the block it was made with, because image references and URLs in its state name it.
 * `wanted` is SLIPWAY_PORT, `previous` the block that this local cloud's folder remembers.
 */
export async function choosePorts(options: { wanted?: string; previous?: number }): Promise<PortChoice> {
  const { wanted, previous } = options;
  if (wanted !== undefined && wanted !== '') {
    const base = Number(wanted);
    if (!Number.isInteger(base) || base < 1024 || base > 65_000) {
      return refused(`SLIPWAY_PORT is "${wanted}"; it has to be a number from 1024 to 65000`);
    }
    if (previous !== undefined && previous !== base) {
      return refused(
        `This local cloud was made on port ${previous}, and its state names that port. Unset SLIPWAY_PORT, choose another SLIPWAY_HOME, or start over with: npm run local -- down --purge`,
      );
    }
    return await claim(base, previous === base);
  }
  if (previous !== undefined) return await claim(previous, true);
  for (let block = 0; block < BLOCKS; block += 1) {
    const base = FIRST_BASE + block * BLOCK;
    if (!(await firstBusy(base))) return { kind: 'chosen', base };
  }
  return refused(`No free block of ports from ${FIRST_BASE} on; set SLIPWAY_PORT`);
}

/** How long the ports of a local cloud that was just killed may take to become free, in milliseconds. */
const RELEASE = 3000;
const RETRY = 50;

/** The block, once all of it is free. One that is our own is waited for: the kernel frees the ports of a killed process a moment later. */
async function claim(base: number, own: boolean): Promise<PortChoice> {
  const deadline = Date.now() + (own ? RELEASE : 0);
  for (;;) {
    const busy = await firstBusy(base);
    if (!busy) return { kind: 'chosen', base };
    if (Date.now() >= deadline) return busy;
    await new Promise((resolve) => setTimeout(resolve, RETRY));
  }
}

async function firstBusy(base: number): Promise<PortChoice | undefined> {
  for (const [name, port] of Object.entries(portsFrom(base))) {
    if (await isFree(port)) continue;
    return refused(
      `Port ${port} (${name}) is in use by another program. Stop that program, or use another block: SLIPWAY_PORT=5570 SLIPWAY_HOME=.slipway-2 npm run local`,
    );
  }
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function refused(message: string): PortChoice {
  return { kind: 'refused', message };
}
