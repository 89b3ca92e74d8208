import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeImage, composeIndex } from '../../pipeline/image/build/document.ts';
import { inventoryOf } from '../../pipeline/image/dockerfile/inventory.ts';
import { packLayer } from '../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob } from '../../pipeline/image/registry/blobs.ts';
import { startRegistry } from './cloud.ts';

const STATUS = 'var/lib/dpkg/status';
const debian = (...packages: string[]): string =>
  packages.map((name) => `Package: ${name}\nVersion: 1\nArchitecture: amd64\n`).join('\n');
const python = (name: string): string => `Name: ${name}\nVersion: 1\n`;
const site = (name: string): string => `usr/lib/site-packages/${name}-1.dist-info/METADATA`;

test('an image holds what its layers leave: the upper file wins, whiteouts remove, a layer does not hide its own files', async () => {
  const registry = await startRegistry();
  const folder = await mkdtemp(join(tmpdir(), 'slipway-inventory-'));
  const { client } = registry;
  const repository = 'app/engine';
  try {
    const layers = [
      {
        [STATUS]: debian('libc6', 'gcc'),
        [site('one')]: python('one'),
        'opt/node_modules/old/package.json': '{"name":"old","version":"1"}',
      },
      { [STATUS]: debian('libc6'), 'usr/lib/site-packages/.wh.one-1.dist-info': '', [site('two')]: python('two') },
      { 'opt/.wh..wh..opq': '', 'opt/node_modules/new/package.json': '{"name":"new","version":"1"}' },
    ];
    const packed = await Promise.all(
      layers.map((files) =>
        packLayer(
          Object.entries(files).map(([path, text]) => ({ type: 'file', path, content: Buffer.from(text) })),
          { folder },
        ),
      ),
    );
    const named = packed.map((layer, index) => ({ ...layer, name: 'by hand', key: String(index) }));
    const image = composeImage({
      platform: { os: 'linux', architecture: 'amd64' },
      layers: named,
      container: {},
      annotations: {},
    });
    await Promise.all(
      [...packed.map(fileBlob), bytesBlob(image.config)].map((blob) => client.ensureBlob(repository, blob)),
    );
    await client.pushManifest({ repository, target: image.manifest.digest }, image.manifest);
    const index = composeIndex([image], {});
    await client.pushManifest({ repository, target: index.digest }, index);
    const found = await inventoryOf({ client, repository }, index.digest);
    expect(found.map(({ name }) => name).sort()).toEqual(['libc6', 'new', 'two']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await registry.close();
  }
});
