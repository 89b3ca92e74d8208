import type { ObjectStore } from '../../kit/aws/objects.ts';
import { loadModel, type Model } from '../../kit/model/session.ts';
import { listModels, readModel } from '../../kit/model/store.ts';
import type { Result } from '../../kit/result.ts';

export interface Models {
  /** @param version absent: the newest */
  find(name: string, version?: string): Promise<Result<Model>>;
}

/** Models of a bucket, each loaded when the first job asks for it. */
export function createModels(objects: ObjectStore): Models {
  const loaded = new Map<string, Promise<Result<Model>>>();
  const load = async (name: string, version?: string): Promise<Result<Model>> => {
    const all = (await listModels(objects)).filter((address) => address.name === name);
    const address = all.find((candidate) => version === undefined || candidate.version === version);
    if (!address) return { ok: false, error: `there is no model ${name}${version ? ` in version ${version}` : ''}` };
    const files = await readModel(objects, address);
    return files.ok ? loadModel(files.value) : files;
  };
  return {
    find(name, version) {
      const key = `${name}/${version ?? 'newest'}`;
      const found = loaded.get(key) ?? load(name, version);
      loaded.set(key, found);
      return found;
    },
  };
}
