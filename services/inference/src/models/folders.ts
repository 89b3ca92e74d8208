/** Models that somebody else put into a folder of this machine and loads by name, as SageMaker does for a multi-model endpoint. */
import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseDescription } from '../../../kit/model/read-description.ts';
import type { Result } from '../../../kit/result.ts';
import type { DiskModel } from './disk.ts';
import type { Resident } from './memory.ts';
import type { Serving } from './registry.ts';

export type FolderLoad =
  | { readonly kind: 'loaded' | 'already' | 'full' }
  | { readonly kind: 'refused'; readonly error: string };

export interface Folders {
  /** Name -> folder of every model that was loaded so. */
  readonly loaded: ReadonlyMap<string, string>;
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
  const loaded = new Map<string, string>();
  const residents = new Map<string, Resident<Serving>>();
  return {
    loaded,
    async load(name, folder) {
      if (loaded.has(name)) return { kind: 'already' };
      loaded.set(name, folder);
      const outcome = await open(name, folder).catch(
        (error: Error): FolderLoad => ({ kind: 'refused', error: error.message }),
      );
      if (outcome.kind !== 'loaded') loaded.delete(name);
      return outcome;
    },
    async unload(name) {
      const resident = residents.get(name);
      if (!resident) return false;
      residents.delete(name);
      loaded.delete(name);
      await drop(resident);
      return true;
    },
    find(name) {
      const resident = residents.get(name);
      return resident && hold(resident);
    },
  };

  async function open(name: string, folder: string): Promise<FolderLoad> {
    const files = await readFolder(folder, roots);
    if (!files.ok) return { kind: 'refused', error: files.error };
    const resident = await loadModel(name, files.value);
    if (resident === 'full') return { kind: 'full' };
    if (!resident.ok) return { kind: 'refused', error: resident.error };
    residents.set(name, resident.value);
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
  const description = parseDescription(json);
  return description.ok
    ? { ok: true, value: { description: description.value, path, onnx: await readFile(path) } }
    : description;
}
