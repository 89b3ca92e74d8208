import { estimate } from './estimate.ts';
import { environmentOf } from './resources.ts';
import type { CostedResource } from './types.ts';
import type { Usage } from './usage.ts';

export interface StackResources {
  readonly stack: string;
  /** As Terraform's state has them; undefined when the stack stays as it is. */
  readonly before: readonly CostedResource[] | undefined;
  /** As synthesized. */
  readonly after: readonly CostedResource[];
}

export interface CostDifference {
  readonly environment: string;
  /** US dollars a month. */
  readonly before: number;
  readonly after: number;
}

/** What a change costs, by environment: usage is assumed for an environment, so its stacks are priced together. */
export function costDifferences(stacks: readonly StackResources[], usage: Usage): CostDifference[] {
  const environments = [...new Set(stacks.map(({ stack }) => environmentOf(stack)))];
  return environments.map((environment) => {
    const own = stacks.filter(({ stack }) => environmentOf(stack) === environment);
    const price = (resources: readonly CostedResource[]) => estimate(environment, resources, usage).monthly;
    return {
      environment,
      before: price(own.flatMap(({ before, after }) => before ?? after)),
      after: price(own.flatMap(({ after }) => after)),
    };
  });
}
