import type { Clock } from '../ports/clock.ts';
import type { Ecs } from '../ports/ecs.ts';
import type { ServiceTemplate } from '../release/template.ts';
import type { Look } from './pace.ts';

/** A worker has no load balancer that would vouch for it: it counts once its tasks have run this long (ms) without one of them stopping. */
export const STEADY_MS = 5_000;

/**
 * What is left to see of a service whose deployment is complete. Behind a load balancer nothing; a worker has to stay up for a while: ECS calls a
 * deployment complete as soon as its tasks run.
 */
export function createSteady(
  { cluster, serviceName, targetGroupArn }: ServiceTemplate,
  { ecs, clock }: { readonly ecs: Ecs; readonly clock: Clock },
  revision: string,
): () => Promise<Look> {
  let since: number | undefined;
  let stoppedBefore: ReadonlySet<string> | undefined;
  const stopped = async () =>
    (await ecs.stoppedTasks({ cluster, service: serviceName })).filter(
      ({ taskDefinition, stoppedReason }) =>
        taskDefinition === revision && !stoppedReason.startsWith('Scaling activity'),
    );
  return async () => {
    if (targetGroupArn !== undefined) return { state: 'done', revision };
    stoppedBefore ??= new Set((await stopped()).map(({ id }) => id));
    since ??= clock.now();
    if (clock.now() - since < STEADY_MS) return { state: 'moving', detail: 'runs; has to stay up for a while' };
    const lost = (await stopped()).filter(({ id }) => !stoppedBefore?.has(id));
    if (lost.length === 0) return { state: 'done', revision };
    const reason = lost[0]?.stoppedReason ?? '';
    return { state: 'failed', message: `${lost.length} tasks stopped within ${STEADY_MS / 1000} s: ${reason}` };
  };
}
