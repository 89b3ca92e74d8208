/** One line of an estimate: quantity x unit price. */
export interface CostLine {
  /** Address of the resource, or its type where usage belongs to all of them together. */
  readonly resource: string;
  readonly what: string;
  readonly quantity: number;
  readonly unit: string;
  /** Key in prices.json. */
  readonly price: string;
  /** US dollars a month. */
  readonly monthly: number;
}

export interface EnvironmentCost {
  readonly environment: string;
  readonly lines: readonly CostLine[];
  readonly monthly: number;
  /** Types for which there is neither a price nor the knowledge that they are free. */
  readonly unknown: readonly string[];
}

/** A resource as far as its cost goes: attributes as synthesized, or as Terraform's state has them. */
export interface CostedResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}
