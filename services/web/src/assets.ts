/** Static files: read once at start, because they are few and small. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export interface Asset {
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly etag: string;
}

export type Assets = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of `folder` by name. @throws on a file whose type is not known, so that none is served wrongly */
export async function readAssets(folder: string): Promise<Assets> {
  const names = await readdir(folder);
  const assets = names.map(async (name): Promise<[string, Asset]> => {
    const type = TYPES[extname(name)];
    if (!type) throw new Error(`${name}: no content type is known for it`);
    const bytes = await readFile(join(folder, name));
    return [name, { bytes, type, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }];
  });
  return new Map(await Promise.all(assets));
}
