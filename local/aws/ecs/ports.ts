import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take ports for outgoing connections, so that none of those is in the way when a task starts to listen. */
const FIRST = 20_000;
const COUNT = 10_000;

export interface Ports {
  /** A port of 127.0.0.1 that nobody listens on and that no task was given lately. */
  take(): Promise<number>;
}

/** Hands out the ports of a range in turn, from a random start: two local clouds side by side hardly ever meet. */
export function createPorts(): Ports {
  let next = randomInt(COUNT);
  return {
    async take() {
      for (let tried = 0; tried < COUNT; tried += 1) {
        next = (next + 1) % COUNT;
        const port = FIRST + next;
        if (await isFree(port)) return port;
      }
      throw new Error(`no port between ${FIRST} and ${FIRST + COUNT - 1} is free`);
    },
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
