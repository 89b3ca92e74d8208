import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A door in front of the registry that counts what clients send through it. */
export interface Meter {
  /** `127.0.0.1:port`: what builders are told the registry is. */
  readonly host: string;
  /** Bytes sent since the last call. */
  take(): number;
  close(): Promise<void>;
}

export async function startMeter(port: number): Promise<Meter> {
  let sent = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const registry = connect(port, '127.0.0.1');
    for (const socket of [client, registry]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // Either side going away ends both; the builder that is measured reports what it makes of it.
      socket.on('error', () => {
        client.destroy();
        registry.destroy();
      });
    }
    client.on('data', (chunk) => {
      sent += chunk.length;
    });
    client.pipe(registry);
    registry.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = sent;
      sent = 0;
      return taken;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
