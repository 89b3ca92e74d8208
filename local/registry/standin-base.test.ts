import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLayer } from '../../pipeline/image/layer/layer.ts';
import { createRegistryClient } from '../../pipeline/image/registry/client.ts';
import { type ImageConfig, isIndex } from '../../pipeline/image/registry/oci.ts';
import { createRegistry, type Registry } from './registry.ts';
import { assembleStandInBase, STANDIN_BASE_REPOSITORY } from './standin-base.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;
let registry: Registry;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-standin-'));
  registry = await createRegistry({ folder, port: 0 });
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

test('node and the C library are pushed once, and the image says that it is a stand-in', async () => {
  const host = `127.0.0.1:${registry.port}`;
  const first = await assembleStandInBase({ registry: { host }, root });
  const second = await assembleStandInBase({ registry: { host }, root });
  expect(first).toMatchObject({ pushed: true, reference: `${host}/slipway/base-standin:node24@${first.digest}` });
  expect(second).toEqual({ ...first, pushed: false });
  const client = createRegistryClient({ host });
  const manifest = (await client.pullManifest(STANDIN_BASE_REPOSITORY, first.digest))?.document;
  if (manifest === undefined || isIndex(manifest)) throw new Error('no manifest');
  const repository = STANDIN_BASE_REPOSITORY;
  const config = JSON.parse((await client.readBlob({ repository, ...manifest.config })).toString()) as ImageConfig;
  expect(config.config?.Labels).toMatchObject({ 'dev.slipway.stand-in': 'true' });
  const paths: string[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[index] ?? '';
    const source = client.openBlob({ repository, ...layer });
    for await (const { path } of readLayer(source, { mediaType: layer.mediaType, diffId })) paths.push(path);
  }
  expect(paths).toEqual(expect.arrayContaining(['usr/local/bin/node', 'etc/passwd', 'tmp', 'home/node']));
  expect(paths.filter((path) => path.includes('include/'))).toEqual([]);
  expect(paths.some((path) => /\/libc\.so/.test(path))).toBe(true);
});

test('a checkout without the package is told what to install', async () => {
  mkdirSync(join(folder, 'empty'));
  const request = { registry: { host: `127.0.0.1:${registry.port}` }, root: join(folder, 'empty') };
  await expect(assembleStandInBase(request)).rejects.toThrow(/node-linux-\w+ is not installed .*npm install/);
});
