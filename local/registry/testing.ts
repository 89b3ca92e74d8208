import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Blob, RegistryClient } from '../../pipeline/image/registry/client.ts';
import { sha256 } from '../../pipeline/image/registry/digest.ts';
import { type Descriptor, type ImageManifest, MEDIA } from '../../pipeline/image/registry/oci.ts';

/** What the tests of the registry push. */
export const LAYER = randomBytes(3_000_000);

export const blobOf = (bytes: Buffer): Blob => ({
  digest: sha256(bytes),
  size: bytes.length,
  open: (from, to) => bytes.subarray(from, to),
});
export const descriptorOf = (bytes: Buffer, mediaType: string): Descriptor => ({
  mediaType,
  digest: sha256(bytes),
  size: bytes.length,
});

/** Pushes an image of one layer; returns its digest. */
export async function pushImage(
  to: RegistryClient,
  repository: string,
  tag: string,
  layer: Buffer = LAYER,
): Promise<string> {
  const config = Buffer.from('{}');
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: descriptorOf(config, MEDIA.config),
    layers: [descriptorOf(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')],
  };
  await Promise.all([to.ensureBlob(repository, blobOf(config)), to.ensureBlob(repository, blobOf(layer))]);
  const bytes = Buffer.from(JSON.stringify(manifest));
  return (await to.pushManifest({ repository, target: tag }, { bytes, mediaType: MEDIA.manifest })).digest;
}

export interface FlakyProxy {
  readonly host: string;
  close(): void;
}

/** Stands between client and registry and cuts each of the first connections after so many bytes. */
export async function startFlakyProxy(
  port: number,
  cuts: { upload?: number; download?: number }[],
): Promise<FlakyProxy> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    const cut = cuts.shift() ?? {};
    const carry = (from: Socket, to: Socket, limit = Number.POSITIVE_INFINITY): void => {
      let carried = 0;
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => {
        carried += chunk.length;
        if (carried > limit) incoming.destroy();
        else to.write(chunk);
      });
    };
    carry(incoming, outgoing, cut.upload);
    carry(outgoing, incoming, cut.download);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
