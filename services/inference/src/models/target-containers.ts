/** Which container a model says it is for, without loading the model: it may be one of another container. */
import type { ObjectSource } from '../../../kit/aws/objects.ts';
import { showModelName } from '../../../kit/model/name.ts';
import { addressOf, checkDescription, type ModelVersions } from '../../../kit/model/store.ts';
import type { Catalogue } from './catalogue.ts';

/** @param tenant empty: nobody in particular. @returns undefined when there is no such model, or when it says nothing. @throws when the store does not answer */
export type TargetContainers = (name: string, tenant: string) => Promise<string | undefined>;

/** A version never changes, so what it says is read once. */
const MOST_REMEMBERED = 20_000;

export function createTargetContainers({
  catalogue,
  objects,
  prefix,
}: {
  readonly catalogue: Catalogue;
  readonly objects: ObjectSource;
  readonly prefix: string;
}): TargetContainers {
  const remembered = new Map<string, string | undefined>();

  const read = async ({ name, current }: ModelVersions): Promise<string | undefined> => {
    const key = `${showModelName(name)}@${current}`;
    if (remembered.has(key)) return remembered.get(key);
    const address = addressOf(prefix, name, current);
    const json = await objects.read(`${address.folder}model.json`);
    const description = json && checkDescription(address, json);
    const container = description?.ok ? description.value.targetContainer : undefined;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(key, container);
    return container;
  };

  return async (name, tenant) => {
    const own = tenant !== '' && !name.includes('/') ? await catalogue.find(`${tenant}/${name}`) : undefined;
    const known = own ?? (await catalogue.find(name));
    return known && read(known);
  };
}
