import type { ResourceChange, StackPlan } from './types.ts';

/** Label of a pull request whose author knows that data is going to be lost. */
export const ALLOW_DESTROY = 'allow-destroy';

/** A stack with what its plan says. */
export interface PlannedStack {
  readonly stack: string;
  readonly plan: StackPlan;
}

export interface Loss {
  readonly stack: string;
  readonly change: ResourceChange;
}

/** Everything that a plan destroys and that holds data. Previews hold none that anybody needs. */
export const losses = (stacks: readonly PlannedStack[]): Loss[] =>
  stacks
    .filter(({ stack }) => !stack.startsWith('preview-'))
    .flatMap(({ stack, plan }) =>
      plan.changes
        .filter(({ action, stateful }) => stateful && (action === 'delete' || action === 'replace'))
        .map((change) => ({ stack, change })),
    );

/** Why a plan must not be applied; undefined when it may be. */
export function refuseLoss(stacks: readonly PlannedStack[], labels: readonly string[]): string | undefined {
  const lost = losses(stacks);
  if (lost.length === 0 || labels.includes(ALLOW_DESTROY)) return undefined;
  const named = lost.map(({ stack, change }) => `${stack}: ${change.action} ${change.address}`);
  return `Data would be lost (${named.join(', ')}). If that is meant, put the label ${ALLOW_DESTROY} on the pull request.`;
}
