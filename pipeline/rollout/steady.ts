import type { Clock } from '../ports/clock.ts';
import type { Ecs } from '../ports/ecs.ts';
import type { ServiceTemplate } from '../release/template.ts';
import type { Look, RolloutPace } from './pace.ts';

const STEADY_MS = 5_000;
/** How ECS begins the reason of a task that stopped because fewer are wanted. */
export const SCALED_IN = 'Scaling activity';

/**
 * What is left to see of a service whose deployment is complete: behind a load balancer nothing. A worker has nobody to vouch for it,
 * and ECS calls its deployment complete as soon as its tasks run: it counts once they have stayed up for a while.
 */
export function createSteady(
  { cluster, serviceName, targetGroupArn }: ServiceTemplate,
  {
    ecs,
    clock,
    pace: { steadyMs = STEADY_MS },
  }: { readonly ecs: Ecs; readonly clock: Clock; readonly pace: RolloutPace },
  revision: string,
): () => Promise<Look> {
  let since: number | undefined;
  let stoppedBefore: ReadonlySet<string> | undefined;
  const stopped = async () =>
    (await ecs.stoppedTasks({ cluster, service: serviceName })).filter(
      ({ taskDefinition, stoppedReason }) => taskDefinition === revision && !stoppedReason.startsWith(SCALED_IN),
    );
  return async () => {
    if (targetGroupArn !== undefined) return { state: 'done', revision };
    stoppedBefore ??= new Set((await stopped()).map(({ id }) => id));
    since ??= clock.now();
    if (clock.now() - since < steadyMs) return { state: 'moving', detail: 'runs; has to stay up for a while' };
    const lost = (await stopped()).filter(({ id }) => !stoppedBefore?.has(id));
    if (lost.length === 0) return { state: 'done', revision };
    const reason = lost[0]?.stoppedReason ?? '';
    return { state: 'failed', message: `${lost.length} tasks stopped within ${steadyMs / 1000} s: ${reason}` };
  };
}
