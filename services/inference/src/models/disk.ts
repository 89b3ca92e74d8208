/** Models on this machine's disk: fetched once, read again after they left memory, removed when the disk's share is full. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectSource } from '../../../kit/aws/objects.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import { checkDescription, type ModelAddress } from '../../../kit/model/store.ts';
import type { Result } from '../../../kit/result.ts';

export interface DiskModel {
  readonly description: ModelDescription;
  readonly path: string;
  readonly onnx: Uint8Array;
}

export interface Disk {
  /** @throws when the store cannot be reached; a model that is missing or wrong is an error value */
  fetch(address: ModelAddress): Promise<Result<DiskModel>>;
  /** Forgets a model's files, for one that turned out to be broken. */
  forget(address: ModelAddress): Promise<void>;
  readonly bytes: number;
}

export interface DiskOptions {
  readonly objects: ObjectSource;
  readonly folder: string;
  readonly maximumBytes: number;
}

export function createDisk({ objects, folder, maximumBytes }: DiskOptions): Disk {
  // Bytes of each, the least recently used one first. Descriptions stay on the disk, too: of a thousand models they are megabytes.
  const entries = new Map<string, number>();
  let bytes = 0;
  const pathOf = ({ name, version }: ModelAddress): string => join(folder, `${name.replace('/', '@')}@${version}.onnx`);

  const remove = async (path: string): Promise<void> => {
    bytes -= entries.get(path) ?? 0;
    entries.delete(path);
    await Promise.all([rm(path, { force: true }), rm(`${path}.json`, { force: true })]);
  };

  const download = async (address: ModelAddress, path: string): Promise<Result<DiskModel>> => {
    const json = await objects.read(`${address.folder}model.json`);
    if (!json) return { ok: false, error: `${address.folder}model.json does not exist` };
    const description = checkDescription(address, json);
    if (!description.ok) return description;
    const onnx = await objects.read(`${address.folder}model.onnx`);
    if (!onnx) return { ok: false, error: `${address.folder}model.onnx does not exist` };
    if (onnx.length > maximumBytes)
      return {
        ok: false,
        error: `${address.folder}model.onnx has ${onnx.length} bytes, at most ${maximumBytes} are kept`,
      };
    for (const [oldest] of entries) if (bytes + onnx.length > maximumBytes) await remove(oldest);
    // Complete under its name or not there at all.
    await mkdir(folder, { recursive: true });
    await Promise.all([writeFile(`${path}.part`, onnx), writeFile(`${path}.json`, json)]);
    await rename(`${path}.part`, path);
    entries.set(path, onnx.length);
    bytes += onnx.length;
    return { ok: true, value: { description: description.value, path, onnx } };
  };

  return {
    get bytes() {
      return bytes;
    },
    async fetch(address) {
      const path = pathOf(address);
      const known = entries.get(path);
      if (known === undefined) return download(address, path);
      const files = await Promise.all([readFile(path), readFile(`${path}.json`)]).catch(() => undefined);
      const description = files && checkDescription(address, files[1]);
      if (!files || !description?.ok) {
        await remove(path);
        return download(address, path);
      }
      entries.delete(path);
      entries.set(path, known);
      return { ok: true, value: { description: description.value, path, onnx: files[0] } };
    },
    forget: (address) => remove(pathOf(address)),
  };
}
