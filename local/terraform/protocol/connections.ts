import type { Values } from '../schema/value.ts';

/** What one provider instance (one alias of one terraform command) was configured with. */
export interface Connection {
  readonly config: Values;
  readonly stop: AbortController;
}

const LIMIT = 1000;

/**
 * Provider instances of all terraform commands share this process; each has a TCP connection of its own, and its peer
 * address is its identity. The oldest are forgotten, since the end of a connection is not reported.
 */
export class Connections {
  readonly #byPeer = new Map<string, Connection>();

  /** Starts anew: a later connection may come from the same port. */
  configure(peer: string, config: Values): void {
    this.#byPeer.delete(peer);
    this.#byPeer.set(peer, { config, stop: new AbortController() });
    const [oldest] = this.#byPeer.keys();
    if (this.#byPeer.size > LIMIT && oldest !== undefined) this.#byPeer.delete(oldest);
  }

  get(peer: string): Connection {
    return this.#byPeer.get(peer) ?? { config: {}, stop: new AbortController() };
  }

  /** Terraform was interrupted: long waits of this provider instance end now. */
  stop(peer: string): void {
    this.#byPeer.get(peer)?.stop.abort();
  }
}
