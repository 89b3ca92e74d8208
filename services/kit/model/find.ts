/** Finds and loads models for whoever computes without a server: one at a time is asked, the last few stay loaded. */
import type { ObjectSource } from '../aws/objects.ts';
import type { Result } from '../result.ts';
import { loadModel, type Model } from './session.ts';
import { readModel } from './store.ts';
import { resolveTenantModel, type WantedModel } from './tenant-model.ts';

export interface ModelFinder {
  /** @throws when the store does not answer */
  find(wanted: WantedModel): Promise<Result<Model>>;
}

/** Models that stay loaded; files of one tenant tend to come together. */
const KEPT = 4;

export function createModelFinder(objects: ObjectSource, prefix: string): ModelFinder {
  const loaded = new Map<string, Model>();
  return {
    async find(wanted) {
      const address = await resolveTenantModel(objects, prefix, wanted);
      if (!address.ok) return address;
      const { folder } = address.value;
      const known = loaded.get(folder);
      if (known) return { ok: true, value: known };
      const files = await readModel(objects, address.value);
      const model = files.ok ? await loadModel(files.value) : files;
      if (!model.ok) return model;
      loaded.set(folder, model.value);
      const [oldest] = loaded;
      if (loaded.size > KEPT && oldest) {
        loaded.delete(oldest[0]);
        await oldest[1].release();
      }
      return model;
    },
  };
}
