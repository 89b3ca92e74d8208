import type { BucketDeclaration, Manifest, TableDeclaration, Use } from './types.ts';

/** What one service may do with one table or bucket; IAM policies and environment variables are derived from this. */
export type Access =
  | { readonly type: 'table'; readonly declaration: TableDeclaration; readonly access: Use['access'] }
  | { readonly type: 'bucket'; readonly declaration: BucketDeclaration; readonly access: Use['access'] };

/**
 * Everything that a service may reach: what it uses, with the access it asks for, and what it owns. An owner may read and
 * write unless one of its own `uses` asks for less.
 */
export function serviceAccess(manifest: Manifest, manifests: readonly Manifest[]): readonly Access[] {
  const used = (manifest.uses ?? []).flatMap((use) => resolve(use, manifests));
  const owned: Access[] = [
    ...(manifest.owns?.tables ?? []).map(
      (declaration) => ({ type: 'table', declaration, access: 'read-write' }) as const,
    ),
    ...(manifest.owns?.buckets ?? []).map(
      (declaration) => ({ type: 'bucket', declaration, access: 'read-write' }) as const,
    ),
  ];
  return [...merge(used), ...owned.filter((one) => !used.some((other) => same(one, other)))].sort(byName);
}

/** All tables that the services own. */
export const allTables = (manifests: readonly Manifest[]): readonly TableDeclaration[] =>
  manifests.flatMap(({ owns }) => owns?.tables ?? []);

/** All buckets that the services own. */
export const allBuckets = (manifests: readonly Manifest[]): readonly BucketDeclaration[] =>
  manifests.flatMap(({ owns }) => owns?.buckets ?? []);

function resolve(use: Use, manifests: readonly Manifest[]): Access[] {
  const table = allTables(manifests).find(({ name }) => name === use.table);
  if (table !== undefined) return [{ type: 'table', declaration: table, access: use.access }];
  const bucket = allBuckets(manifests).find(({ name }) => name === use.bucket);
  return bucket === undefined ? [] : [{ type: 'bucket', declaration: bucket, access: use.access }];
}

/** A `read` and a `write` of the same thing are one `read-write`. */
function merge(accesses: readonly Access[]): Access[] {
  return accesses
    .filter((one, index) => accesses.findIndex((other) => same(one, other)) === index)
    .map((one) => {
      const asked = accesses.filter((other) => same(one, other)).map(({ access }) => access);
      return asked.every((access) => access === asked[0]) ? one : { ...one, access: 'read-write' };
    });
}

const same = (left: Access, right: Access): boolean =>
  left.type === right.type && left.declaration.name === right.declaration.name;

const key = ({ type, declaration }: Access): string => `${type} ${declaration.name}`;
const byName = (left: Access, right: Access): number => (key(left) < key(right) ? -1 : Number(key(left) > key(right)));
