import type {
  BucketDeclaration,
  Manifest,
  Owns,
  QueueDeclaration,
  TableDeclaration,
  TopicDeclaration,
  Use,
} from './types.ts';

/** What can be owned: its word in `uses`, and the list of `owns` that declares it. */
export const RESOURCES = {
  table: 'tables',
  bucket: 'buckets',
  queue: 'queues',
  topic: 'topics',
} as const satisfies Record<string, keyof Owns>;
export type ResourceType = keyof typeof RESOURCES;
export const RESOURCE_TYPES = Object.keys(RESOURCES) as readonly ResourceType[];

interface Declarations {
  readonly table: TableDeclaration;
  readonly bucket: BucketDeclaration;
  readonly queue: QueueDeclaration;
  readonly topic: TopicDeclaration;
}

/** What one service may do with one thing that a service owns; IAM policies and environment variables are derived from this. */
export type Access = {
  readonly [Type in ResourceType]: {
    readonly type: Type;
    readonly declaration: Declarations[Type];
    readonly access: Use['access'];
  };
}[ResourceType];

/** A service as far as access goes. */
export type Accessing = Pick<Manifest, 'owns' | 'uses'>;

/**
 * Everything that a service may reach: what it uses, with the access it asks for, and what it owns. An owner may read and
 * write unless one of its own `uses` asks for less; a topic can only be written to.
 */
export function serviceAccess(manifest: Accessing, manifests: readonly Accessing[]): readonly Access[] {
  const used = (manifest.uses ?? []).flatMap((use) => resolve(use, manifests));
  const owned = RESOURCE_TYPES.flatMap((type) =>
    declarations(manifest, type).map(
      (declaration) => ({ type, declaration, access: type === 'topic' ? 'write' : 'read-write' }) as Access,
    ),
  );
  return [...merge(used), ...owned.filter((one) => !used.some((other) => same(one, other)))].sort(byName);
}

/** Everything of one type that a service owns. */
const declarations = <Type extends ResourceType>({ owns }: Accessing, type: Type): readonly Declarations[Type][] =>
  (owns?.[RESOURCES[type]] ?? []) as readonly Declarations[Type][];

/** Everything of one type that the services own. */
export const allOwned = <Type extends ResourceType>(
  manifests: readonly Accessing[],
  type: Type,
): readonly Declarations[Type][] => manifests.flatMap((manifest) => declarations(manifest, type));

/** All tables that the services own. */
export const allTables = (manifests: readonly Manifest[]): readonly TableDeclaration[] => allOwned(manifests, 'table');

/** All buckets that the services own. */
export const allBuckets = (manifests: readonly Manifest[]): readonly BucketDeclaration[] =>
  allOwned(manifests, 'bucket');

/** The one thing that a use names; undefined when it names none. */
export function usedResource(use: Use): { readonly type: ResourceType; readonly name: string } | undefined {
  const type = RESOURCE_TYPES.find((one) => use[one] !== undefined);
  return type === undefined ? undefined : { type, name: use[type] ?? '' };
}

function resolve(use: Use, manifests: readonly Accessing[]): Access[] {
  const named = usedResource(use);
  if (named === undefined) return [];
  const declaration = allOwned(manifests, named.type).find(({ name }) => name === named.name);
  return declaration === undefined ? [] : [{ type: named.type, declaration, access: use.access } as Access];
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
