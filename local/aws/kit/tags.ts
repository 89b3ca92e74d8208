/** Tags as they are kept: a plain object. AWS services disagree about how they are written on the wire. */
export type Tags = Readonly<Record<string, string>>;

export interface TagPair {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export function tagsOf(pairs: readonly TagPair[] | undefined): Tags {
  return Object.fromEntries((pairs ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

export function tagPairs(tags: Tags | undefined): { Key: string; Value: string }[] {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

export function withoutTags(tags: Tags | undefined, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags ?? {}).filter(([key]) => !keys.includes(key)));
}
