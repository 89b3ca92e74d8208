import { type Charge, FIXED } from './fixed.ts';
import { isFree } from './free.ts';
import { METERED } from './metered.ts';
import { priceOf } from './prices.ts';
import { taskCharges } from './tasks.ts';
import type { CostedResource, CostLine, EnvironmentCost } from './types.ts';
import type { Assumption, Usage } from './usage.ts';
import { ofType } from './values.ts';

/**
 * What the resources of one environment cost a month, in US dollars at list prices. `resources` are those of all of its stacks: usage is assumed
 * for an environment, not for a stack.
 */
export function estimate(environment: string, resources: readonly CostedResource[], usage: Usage): EnvironmentCost {
  const isPreview = environment.startsWith('pr-');
  const assumptions = usage.environments[isPreview ? 'preview' : environment] ?? {};
  const assumed = (name: Assumption): number => assumptions[name] ?? 0;
  const hours = usage.hoursPerMonth * (isPreview ? usage.previewHoursPerDay / 24 : 1);
  const types = [...new Set(resources.map(({ type }) => type))].sort();
  const lines = [
    ...taskCharges(resources, { usage, hours, assumed }).flatMap(({ resource, charges }) =>
      charges.map(line(resource)),
    ),
    ...resources.flatMap(({ address, type, values }) =>
      (FIXED[type]?.(values, { hours, resources }) ?? []).map(line(address)),
    ),
    ...types.flatMap((type) =>
      (METERED[type]?.({ assumed, hours, resources: ofType(resources, type) }) ?? []).map(line(type)),
    ),
    // Unless a stack makes it, the zone is there before Slipway is.
    ...[
      {
        what: 'DNS zone of the domain',
        quantity: types.includes('aws_route53_zone') ? 0 : assumed('zones'),
        price: 'r53.zone',
      },
    ].map(line('aws_route53_zone')),
  ].filter(({ quantity }) => quantity > 0);
  return {
    environment,
    lines,
    monthly: total(lines),
    unknown: types.filter((type) => FIXED[type] === undefined && METERED[type] === undefined && !isFree(type)),
  };
}

const line =
  (resource: string) =>
  ({ what, quantity, price }: Charge): CostLine => {
    const { unit, usd } = priceOf(price);
    return { resource, what, quantity, unit, price, monthly: quantity * usd };
  };

export const total = (lines: readonly Pick<CostLine, 'monthly'>[]): number =>
  lines.reduce((sum, { monthly }) => sum + monthly, 0);

/** A day of a preview that is awake for the assumed hours, in US dollars. */
export const perDay = ({ monthly }: EnvironmentCost, { hoursPerMonth }: Pick<Usage, 'hoursPerMonth'>): number =>
  (monthly / hoursPerMonth) * 24;
