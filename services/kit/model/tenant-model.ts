import type { ObjectSource } from '../aws/objects.ts';
import type { Result } from '../result.ts';
import { parseModelName } from './name.ts';
import { type ModelAddress, resolveModel } from './store.ts';

export interface WantedModel {
  /** Empty: whoever asks belongs to nobody. */
  readonly tenant: string;
  readonly name: string;
  /** Absent: the one that serves. */
  readonly version?: string;
}

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
