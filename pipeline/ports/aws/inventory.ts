import type { Project } from '../../manifest/names.ts';
import type { Inventory, Power } from '../../preview/ports.ts';
import type { Clock } from '../clock.ts';
import { type Found, listAll, listParameters, listTagged } from './preview-listings.ts';
import { createPreviewObjects } from './preview-objects.ts';
import { createRemoval } from './preview-removal.ts';

export interface InventoryParts {
  /** Physical names of staging's buckets. */
  readonly buckets: readonly string[];
  readonly power: Pick<Power, 'uncover'>;
  readonly clock: Clock;
}

/** The index of tags follows deletions within seconds; so long a deleted resource may still be in it. */
const INDEX_LOOKS = 15;
const INDEX_PAUSE_MS = 2_000;

/** Looks for previews by name, with the plain listing calls of each service, and by tag, across all services. */
export function createInventory(project: Project, { buckets, power, clock }: InventoryParts): Inventory {
  const options = { region: project.region };
  const objects = createPreviewObjects(project, buckets);
  const removal = createRemoval(options);

  const named = async (environment: string): Promise<readonly Found[]> => {
    const [all, parameters] = await Promise.all([
      listAll(project, options),
      listParameters(project, options, environment),
    ]);
    return [...all.filter(({ name }) => name === environment || name.startsWith(`${environment}-`)), ...parameters];
  };
  const tagged = async (environment: string): Promise<readonly string[]> =>
    [...(await listTagged(project, options))].filter(([, owner]) => owner === environment).map(([arn]) => arn);

  return {
    async previews() {
      const [found, states, tags] = await Promise.all([
        listAll(project, options),
        objects.states(),
        listTagged(project, options),
      ]);
      const numbers = [...found.map(({ name }) => name), ...states, ...tags.values()].flatMap(previewNumber);
      return [...new Set(numbers)].sort((a, b) => a - b);
    },
    async leftovers(environment) {
      for (let looks = 1; ; looks++) {
        const [found, tags, stored] = await Promise.all([
          named(environment),
          tagged(environment),
          objects.list(environment),
        ]);
        const certain = found.map(({ kind, name }) => `${kind} ${name}`).concat(stored);
        if (certain.length > 0 || tags.length === 0 || looks === INDEX_LOOKS) {
          const others = tags.filter((arn) => !found.some(({ id, name }) => arn.endsWith(id) || arn.endsWith(name)));
          return [...certain, ...others];
        }
        await clock.sleep(INDEX_PAUSE_MS);
      }
    },
    async deleteUnmanaged(environment) {
      const families = (await listAll(project, options)).filter(
        ({ kind, name }) => kind === 'task definition' && name.startsWith(`${environment}-`),
      );
      await Promise.all([
        objects.deleteAll(environment),
        power.uncover(Number(environment.slice('pr-'.length))),
        ...families.map(({ id }) => removal.deregister(id)),
      ]);
    },
    async deleteAll(environment) {
      const [found, tags] = await Promise.all([named(environment), tagged(environment)]);
      // Rules hold target groups, and those hold nothing but are held by services.
      for (const arn of tags) await removal.removeByArn(arn);
      for (const one of found) await removal.remove(one);
      await objects.deleteState(environment);
    },
  };
}

function previewNumber(name: string): readonly number[] {
  const number = /^pr-([1-9]\d{0,5})(?:-|$)/.exec(name)?.[1];
  return number === undefined ? [] : [Number(number)];
}
