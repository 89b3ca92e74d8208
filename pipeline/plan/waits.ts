import { dependencies } from '../provision/order.ts';
import type { StackResult } from '../provision/types.ts';

/** How the provider says that what a stack reads is not there. */
const NOT_THERE = /couldn't find|ParameterNotFound|NotFoundException|empty result|no matching/i;

/**
 * The stack that has to be applied before this one can be planned: it is going to publish what this one reads. Undefined when the failure has another
 * reason.
 */
export function waitsFor(result: StackResult, all: readonly StackResult[]): string | undefined {
  if (result.status !== 'failed' || !NOT_THERE.test(result.error ?? '')) return undefined;
  return dependencies(result.stack).find((name) => {
    const other = all.find(({ stack }) => stack === name);
    return other !== undefined && (other.status === 'changes' || waitsFor(other, all) !== undefined);
  });
}
