import list from './prices.json' with { type: 'json' };

/** One unit price, with where and when it was read. Spot prices move. */
export interface Price {
  readonly key: string;
  readonly unit: string;
  readonly usd: number;
  readonly source: string;
  readonly asOf: string;
  readonly region: string;
}

export const PRICES: readonly Price[] = list;
const byKey = new Map(PRICES.map((price) => [price.key, price]));

export function priceOf(key: string): Price {
  const price = byKey.get(key);
  if (price === undefined) throw new Error(`prices.json has no price ${key}`);
  return price;
}
