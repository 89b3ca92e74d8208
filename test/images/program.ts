import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readLayer } from '../../pipeline/image/layer/layer.ts';
import { type ImageConfig, isIndex } from '../../pipeline/image/registry/oci.ts';
import type { Scene } from './scene.ts';

export interface ImageProgram {
  /** Paths in the image, layer by layer. */
  readonly files: readonly string[];
  /** Content of a file. */
  read(path: string): string;
  /** Starts what is in the image's /app; returns what it prints. */
  run(): string;
}

/** Unpacks an image of one platform; the folder is gone after the test. */
export async function imageProgram(
  { registry: { client }, pull }: Scene,
  repository: string,
  digest: string | undefined,
): Promise<ImageProgram> {
  const manifest = await pull(repository, digest);
  if (isIndex(manifest)) throw new Error('an index');
  const config = JSON.parse((await client.readBlob({ repository, ...manifest.config })).toString()) as ImageConfig;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-image-'));
  folders.push(folder);
  const contents = new Map<string, Buffer>();
  for (const [index, layer] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[index] ?? '';
    const entries = readLayer(client.openBlob({ repository, ...layer }), { ...layer, diffId });
    for await (const { path, type, content } of entries) {
      if (type !== 'file') continue;
      contents.set(path, await buffer(content()));
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), contents.get(path) ?? '');
    }
  }
  return {
    files: [...contents.keys()],
    read: (path) => contents.get(path)?.toString() ?? '',
    run: () => execFileSync(process.execPath, ['main.mjs'], { cwd: join(folder, 'app'), encoding: 'utf8' }),
  };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
