/** Models that somebody else put into a folder of this machine and loads by name, as SageMaker does for a multi-model endpoint. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseDescription } from '../../../kit/model/read-description.ts';
import type { Result } from '../../../kit/result.ts';
import type { DiskModel } from './disk.ts';
import { isSmall } from './host.ts';
import type { Resident } from './memory.ts';
import type { Serving } from './registry.ts';

export type FolderLoad =
  | { readonly kind: 'loaded' | 'already' | 'full' }
  | { readonly kind: 'refused'; readonly error: string };

export interface LoadedFolder {
  readonly name: string;
  readonly folder: string;
  readonly version: string;
}

export interface Folders {
  /** Models that answer, by name; not those that are still being loaded. */
  readonly loaded: readonly LoadedFolder[];
  /** It stays in memory until it is unloaded. */
  load(name: string, folder: string): Promise<FolderLoad>;
  /** False when no such model was loaded. */
  unload(name: string): Promise<boolean>;
  find(name: string): Resident<Serving> | undefined;
}

export interface FolderOptions {
  /** Folders outside of these are refused. */
  readonly roots: readonly string[];
  readonly loadModel: (name: string, model: DiskModel) => Promise<Result<Resident<Serving>> | 'full'>;
  readonly hold: (resident: Resident<Serving>) => Resident<Serving>;
  /** The last holder is done and the model may go. */
  readonly drop: (resident: Resident<Serving>) => Promise<void>;
}

export function createFolders({ roots, loadModel, hold, drop }: FolderOptions): Folders {
  const loading = new Set<string>();
  const residents = new Map<string, { readonly folder: string; readonly resident: Resident<Serving> }>();
  return {
    get loaded() {
      return [...residents]
        .map(([name, { folder, resident }]) => ({ name, folder, version: resident.value.description.version }))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    },
    async load(name, folder) {
      if (residents.has(name) || loading.has(name)) return { kind: 'already' };
      loading.add(name);
      return open(name, folder)
        .catch((error: Error): FolderLoad => ({ kind: 'refused', error: error.message }))
        .finally(() => loading.delete(name));
    },
    async unload(name) {
      const known = residents.get(name);
      if (!known) return false;
      residents.delete(name);
      await drop(known.resident);
      return true;
    },
    find(name) {
      const known = residents.get(name);
      return known && hold(known.resident);
    },
  };

  async function open(name: string, folder: string): Promise<FolderLoad> {
    const files = await readFolder(folder, roots);
    if (!files.ok) return { kind: 'refused', error: files.error };
    const resident = await loadModel(name, files.value);
    if (resident === 'full') return { kind: 'full' };
    if (!resident.ok) return { kind: 'refused', error: resident.error };
    residents.set(name, { folder, resident: resident.value });
    return { kind: 'loaded' };
  }
}

/** Links are followed before it is decided where a folder lies. */
async function readFolder(folder: string, roots: readonly string[]): Promise<Result<DiskModel>> {
  const no = (error: string): Result<DiskModel> => ({ ok: false, error });
  const real = await realpath(folder).catch(() => undefined);
  const allowed = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  if (real === undefined) return no(`${folder.slice(0, 256)} does not exist`);
  if (!allowed.some((root) => real === root || real.startsWith(root + sep)))
    return no(`${folder.slice(0, 256)} lies outside ${roots.join(' and ')}`);
  const path = await realpath(join(real, 'model.onnx')).catch(() => undefined);
  const json = await readFile(join(real, 'model.json'), 'utf8').catch(() => undefined);
  if (path === undefined || json === undefined) return no(`${folder.slice(0, 256)} needs model.onnx and model.json`);
  if (!path.startsWith(real + sep)) return no(`${folder.slice(0, 256)}/model.onnx leads outside its folder`);
  const described = parseDescription(json);
  if (!described.ok) return described;
  const description = described.value;
  const { size: bytes } = await stat(path);
  const onnx = isSmall(description, bytes) ? { onnx: await readFile(path) } : {};
  return { ok: true, value: { description, path, bytes, ...onnx } };
}
