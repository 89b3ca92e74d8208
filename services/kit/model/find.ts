/** Finds and loads models for whoever computes without a server: one at a time is asked, the last few stay loaded. */
import type { ObjectSource } from '../aws/objects.ts';
import type { Result } from '../result.ts';
import { parseModelName } from './name.ts';
import { loadModel, type Model } from './session.ts';
import { type ModelAddress, readModel, resolveModel } from './store.ts';

export interface WantedModel {
  /** Empty: whoever asks belongs to nobody. */
  readonly tenant: string;
  readonly name: string;
  /** Absent: the one that serves. */
  readonly version?: string;
}

export interface ModelFinder {
  /** @throws when the store does not answer */
  find(wanted: WantedModel): Promise<Result<Model>>;
}

/** Models that stay loaded; files of one tenant tend to come together. */
const KEPT = 4;

/** Where a model lies: a tenant's own one of that name goes before everybody's. Another tenant's is as unknown as one that does not exist. */
export async function resolveTenantModel(
  objects: ObjectSource,
  prefix: string,
  { tenant, name, version }: WantedModel,
): Promise<Result<ModelAddress>> {
  const parsed = parseModelName(name);
  const unknown = { ok: false, error: `there is no model ${name.slice(0, 128)}` } as const;
  if (!parsed || (parsed.tenant !== undefined && parsed.tenant !== tenant)) return unknown;
  const wanted = { prefix, ...(version !== undefined && { version }) };
  if (tenant !== '') {
    const own = await resolveModel(objects, { ...wanted, name: `${tenant}/${parsed.model}` });
    if (own.ok || parsed.tenant !== undefined) return own;
  }
  return resolveModel(objects, { ...wanted, name });
}

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
