import type { Lambda } from '../ports/lambda.ts';
import type { FunctionTemplate } from '../release/template.ts';

/** The newest versions stay in any case: a run that is just ending may have published one. */
const NEWEST = 10;
/** So that a deployment never spends long on tidying up. */
const MOST_AT_ONCE = 20;

/** Versions that no release on record, no alias and nobody who deploys right now can need. Oldest first. Pure. */
export function superfluous(
  versions: readonly string[],
  needed: ReadonlySet<string>,
  inUse: readonly (string | undefined)[],
): readonly string[] {
  return versions.slice(0, -NEWEST).filter((version) => !needed.has(version) && !inUse.includes(version));
}

/** Deletes the versions of a function that nothing needs any more. */
export async function tidyVersions(
  { functionName, alias }: FunctionTemplate,
  needed: ReadonlySet<string>,
  lambda: Lambda,
): Promise<void> {
  const [versions, current] = await Promise.all([lambda.versions(functionName), lambda.alias(functionName, alias)]);
  const old = superfluous(versions, needed, [current?.version, current?.canary?.version]);
  for (const version of old.slice(0, MOST_AT_ONCE)) await lambda.deleteVersion(functionName, version);
}
