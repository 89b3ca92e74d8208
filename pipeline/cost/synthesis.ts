import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, synthesizedResources } from './resources.ts';
import type { CostedResource } from './types.ts';

/** Environment -> resources of all of its stacks, read from a folder of synthesized stacks. */
export function readSynthesis(
  stacksFolder: string,
  stacks: readonly string[] = readdirSync(stacksFolder),
): ReadonlyMap<string, readonly CostedResource[]> {
  const environments = new Map<string, CostedResource[]>();
  for (const stack of stacks.toSorted()) {
    const json = JSON.parse(readFileSync(join(stacksFolder, stack, 'cdk.tf.json'), 'utf8')) as unknown;
    const name = environmentOf(stack);
    environments.set(name, [...(environments.get(name) ?? []), ...synthesizedResources(json)]);
  }
  return environments;
}
