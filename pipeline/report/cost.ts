import { granted } from '../cost/allowances.ts';
import { perDay } from '../cost/estimate.ts';
import type { EnvironmentCost } from '../cost/types.ts';
import type { Usage } from '../cost/usage.ts';

export const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

/** A change of cost, with its sign: `+$3.65`. */
export const difference = (amount: number): string =>
  Math.abs(amount) < 0.005 ? 'no difference' : `${amount < 0 ? '-' : '+'}${dollars(Math.abs(amount))}`;

/** The estimate as text: an environment after the other, dearest lines first. */
export function costTable(costs: readonly EnvironmentCost[], usage: Usage): string {
  const parts = costs.map((cost) => {
    const lines = cost.lines
      .toSorted((one, other) => other.monthly - one.monthly)
      .map(({ resource, what, quantity, unit, monthly }) =>
        row(`  ${shorten(resource)}: ${what}`, `${amount(quantity)} ${unit}`, dollars(monthly)),
      );
    return [row(cost.environment, 'a month', dollars(cost.monthly)), ...lines].join('\n');
  });
  const unknown = [...new Set(costs.flatMap((cost) => cost.unknown))];
  const previews = costs.filter(({ environment }) => environment.startsWith('pr-'));
  const free = granted(costs);
  return [
    ...parts,
    '',
    ...free.map(({ what, quantity, saved }) =>
      row(`never charged: ${what}`, `${amount(quantity)}`, `-${dollars(saved)}`),
    ),
    row('total', 'a month', dollars(sum(costs.map(({ monthly }) => monthly)) - sum(free.map(({ saved }) => saved)))),
    ...previews.map((cost) => row(`one preview (${cost.environment})`, 'a day', dollars(perDay(cost, usage)))),
    ...(unknown.length === 0 ? [] : [`Without a price: ${unknown.join(', ')}`]),
  ].join('\n');
}

/** `aws_lb.load-balancer_ABCD1234` without CDKTF's hash. */
const shorten = (resource: string): string => resource.replace(/_[0-9A-F]{8}$/, '').replace(/^aws_/, '');
const sum = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0);
const amount = (quantity: number): string => String(Number(quantity.toPrecision(4)));
const row = (first: string, middle: string, last: string): string =>
  `${first.slice(0, 72).padEnd(72)} ${middle.slice(0, 34).padStart(34)} ${last.padStart(9)}`;
