import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on a free port and tells whoever started this process which. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
}
