/** Models on this machine's disk: fetched once, read again after they left memory, removed when the disk's share is full. */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectSource } from '../../../kit/aws/objects.ts';
import { checkDescription, type ModelAddress } from '../../../kit/model/store.ts';
import type { Result } from '../../../kit/result.ts';
import { isSmall, type LocalModel } from './host.ts';

export interface DiskModel extends Omit<LocalModel, 'key'> {
  /** Absent for one that is too large to compute in this process. */
  readonly onnx?: Uint8Array;
}

export interface Disk {
  /** @throws when the store cannot be reached; a model that is missing or wrong is an error value */
  fetch(address: ModelAddress): Promise<Result<DiskModel>>;
  /** What was fetched is loaded: its file may leave the disk. */
  letGo(address: ModelAddress): void;
  /** Forgets a model's files, for one that turned out to be broken. */
  forget(address: ModelAddress): Promise<void>;
  readonly bytes: number;
}

export interface DiskOptions {
  readonly objects: ObjectSource;
  readonly folder: string;
  readonly maximumBytes: number;
}

/** A file is a model's `model.onnx` and, right behind it, its `model.json`: one file is opened sooner than two. */
interface Entry {
  readonly path: string;
  readonly onnxBytes: number;
  readonly jsonBytes: number;
  readonly small: boolean;
}

export function createDisk({ objects, folder, maximumBytes }: DiskOptions): Disk {
  // By path, the least recently used one first.
  const entries = new Map<string, Entry>();
  /** Files that somebody is about to read. */
  const held = new Set<string>();
  let bytes = 0;
  const pathOf = ({ name, version }: ModelAddress): string => join(folder, `${name.replace('/', '@')}@${version}.onnx`);

  const remove = async (path: string): Promise<void> => {
    bytes -= entries.get(path)?.onnxBytes ?? 0;
    entries.delete(path);
    await rm(path, { force: true });
  };

  const makeRoom = async (): Promise<void> => {
    for (const [oldest] of entries) if (bytes > maximumBytes && !held.has(oldest)) await remove(oldest);
  };

  const download = async (address: ModelAddress, path: string): Promise<Result<Entry>> => {
    const json = await objects.read(`${address.folder}model.json`);
    if (!json) return { ok: false, error: `${address.folder}model.json does not exist` };
    const description = checkDescription(address, json);
    if (!description.ok) return description;
    const onnx = await objects.open(`${address.folder}model.onnx`);
    if (!onnx) return { ok: false, error: `${address.folder}model.onnx does not exist` };
    if (onnx.bytes > maximumBytes) {
      onnx.body.destroy();
      return {
        ok: false,
        error: `${address.folder}model.onnx has ${onnx.bytes} bytes, at most ${maximumBytes} are kept`,
      };
    }
    bytes += onnx.bytes;
    await makeRoom();
    await write(path, onnx.body, json).catch((error: unknown) => {
      bytes -= onnx.bytes;
      throw error;
    });
    const small = isSmall(description.value, onnx.bytes);
    const entry = { path, onnxBytes: onnx.bytes, jsonBytes: json.length, small };
    entries.set(path, entry);
    return { ok: true, value: entry };
  };

  /** Complete under its name or not there at all. */
  const write = async (path: string, onnx: Readable, json: Uint8Array): Promise<void> => {
    const part = `${path}.part`;
    try {
      await mkdir(folder, { recursive: true });
      await pipeline(onnx, appended(json), createWriteStream(part));
      await rename(part, path);
    } catch (error) {
      onnx.destroy();
      await rm(part, { force: true }).catch(() => undefined);
      throw error;
    }
  };

  return {
    get bytes() {
      return bytes;
    },
    async fetch(address) {
      const path = pathOf(address);
      held.add(path);
      const known = entries.get(path);
      const model = known && (await read(known, address).catch(() => undefined));
      if (known && model?.ok) {
        entries.delete(path);
        entries.set(path, known);
        return model;
      }
      if (known) await remove(path);
      const entry = await download(address, path);
      return entry.ok ? read(entry.value, address) : entry;
    },
    letGo(address) {
      held.delete(pathOf(address));
      if (bytes > maximumBytes) void makeRoom();
    },
    forget: (address) => remove(pathOf(address)),
  };
}

const DISK_CODES = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EMFILE', 'ENFILE'];

/** Whether it was this machine's disk that failed, and not the store. */
export const isDiskError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && DISK_CODES.includes(String(error.code));

const appended = (end: Uint8Array) =>
  async function* (start: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* start;
    yield end;
  };

/** @throws when the file is not there any more, or not whole */
async function read({ path, onnxBytes, jsonBytes, small }: Entry, address: ModelAddress): Promise<Result<DiskModel>> {
  const start = small ? 0 : onnxBytes;
  const length = onnxBytes + jsonBytes - start;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, start);
    if (bytesRead < length) throw new Error(`${path} is too short`);
    const description = checkDescription(address, buffer.subarray(length - jsonBytes));
    if (!description.ok) return description;
    const onnx = small ? { onnx: buffer.subarray(0, onnxBytes) } : {};
    return { ok: true, value: { description: description.value, path, bytes: onnxBytes, ...onnx } };
  } finally {
    await file.close();
  }
}
