import allowances from './allowances.json' with { type: 'json' };
import type { CostLine, EnvironmentCost } from './types.ts';

/** What AWS never charges an account for, month after month. Allowances of an account's first year are not among them. */
export interface Allowance {
  readonly what: string;
  /** Keys of the unit prices that share it. */
  readonly prices: readonly string[];
  readonly quantity: number;
  readonly source: string;
  readonly asOf: string;
}

export const ALLOWANCES: readonly Allowance[] = allowances;

export interface Granted {
  readonly what: string;
  readonly quantity: number;
  /** US dollars a month. */
  readonly saved: number;
}

/** What of the environments' costs is free after all: allowances belong to the account, so all environments share them. */
export function granted(costs: readonly Pick<EnvironmentCost, 'lines'>[]): readonly Granted[] {
  const lines = costs.flatMap((cost) => cost.lines);
  return ALLOWANCES.flatMap(({ what, prices, quantity }) => {
    const used = lines.filter(({ price }) => prices.includes(price));
    const total = used.reduce((sum, line) => sum + line.quantity, 0);
    if (total === 0) return [];
    const share = Math.min(1, quantity / total);
    return [{ what, quantity: total * share, saved: dollars(used) * share }];
  });
}

const dollars = (lines: readonly CostLine[]): number => lines.reduce((sum, { monthly }) => sum + monthly, 0);
