import type { Cloud } from '../../cloud.ts';
import type { AwsService, Operation } from '../kit/service.ts';
import { type Balancer, createBalancer } from './balancer.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { openRecords } from './records.ts';
import { createRequestCounts } from './request-counts.ts';
import { ruleOperations } from './rules.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { createTargetPool } from './target-pool.ts';
import { targetOperations } from './targets.ts';

export interface LoadBalancing extends AwsService {
  /** The data plane, for the front door. */
  readonly balancer: Balancer;
  /** Names of target groups whose health checks fail, whatever the targets answer: a fault. */
  readonly failing: Set<string>;
}

/**
 * Elastic Load Balancing v2 with application load balancers: the API, health checks, and a reverse proxy as its data plane. Health check intervals and
 * deregistration delays are the declared ones divided by `speed`.
 */
export function createElbv2Service(cloud: Cloud, { speed = 20 }: { readonly speed?: number } = {}): LoadBalancing {
  const records = openRecords(cloud.store);
  const failing = new Set<string>();
  const pool = createTargetPool(records, { speed, failing });
  const balancer = createBalancer(cloud, records, { pool, count: createRequestCounts(cloud) });
  const operations = {
    ...loadBalancerOperations(cloud, records),
    ...targetGroupOperations(cloud, records),
    ...listenerOperations(records),
    ...ruleOperations(records),
    ...targetOperations(records, pool),
    ...tagOperations(records),
  };
  return {
    name: 'elasticloadbalancing',
    operations: refreshing(operations, balancer),
    balancer,
    failing,
    start: async () => pool.restore(),
    stop: async () => pool.close(),
  };
}

/** The data plane reads listeners and rules again after every operation that may have changed them. */
function refreshing(operations: Readonly<Record<string, Operation>>, balancer: Balancer): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => {
      if (name.startsWith('Describe')) return [name, operation];
      const refreshed: Operation = (input) => {
        const output = operation(input);
        balancer.refresh();
        return output;
      };
      return [name, refreshed];
    }),
  );
}
