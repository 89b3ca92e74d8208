export interface Page<Item> {
  readonly items: Item[];
  /** Where the next page starts; undefined on the last one. */
  readonly next: string | undefined;
}

export interface PageRequest<Item> {
  /** Unique and ordered, so that pages stay right while items come and go. */
  key(item: Item): string;
  /** `next` of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Cuts one page out of items that are already ordered by key. */
export function page<Item>(items: readonly Item[], { key, after, limit }: PageRequest<Item>): Page<Item> {
  const start = after === undefined ? '' : Buffer.from(after, 'base64url').toString();
  const rest = after === undefined ? items : items.filter((item) => key(item) > start);
  const taken = rest.slice(0, limit);
  const last = taken.at(-1);
  const more = last !== undefined && rest.length > taken.length;
  return { items: taken, next: more ? Buffer.from(key(last)).toString('base64url') : undefined };
}
