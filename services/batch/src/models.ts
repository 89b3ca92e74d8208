import type { ObjectStore } from '../../kit/aws/objects.ts';
import { loadModel, type Model } from '../../kit/model/session.ts';
import { readModel, resolveModel } from '../../kit/model/store.ts';
import type { Result } from '../../kit/result.ts';

export interface Models {
  /** @param version absent: the one that serves */
  find(name: string, version?: string): Promise<Result<Model>>;
}

/** Models of a bucket, each loaded when the first job asks for it. */
export function createModels(objects: ObjectStore): Models {
  const loaded = new Map<string, Promise<Result<Model>>>();
  const load = async (name: string, version?: string): Promise<Result<Model>> => {
    const address = await resolveModel(objects, { name, ...(version !== undefined && { version }) });
    if (!address.ok) return address;
    const files = await readModel(objects, address.value);
    return files.ok ? loadModel(files.value) : files;
  };
  return {
    find(name, version) {
      const key = `${name}/${version ?? 'current'}`;
      const found = loaded.get(key) ?? load(name, version);
      loaded.set(key, found);
      return found;
    },
  };
}
