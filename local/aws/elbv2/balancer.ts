import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../../cloud.ts';
import { answer, answerError, answerFixed, answerRedirect } from './answers.ts';
import { createFirewall } from './firewall.ts';
import { forward } from './forward.ts';
import { clientAddress } from './forwarded-headers.ts';
import { forwardToFunction } from './lambda-target.ts';
import type { Records, TargetGroupRecord } from './records.ts';
import { drawGroup, type Entrance, findEntrance, type RequestFacts, readEntrances, route } from './routing.ts';
import type { TargetPool } from './target-pool.ts';
import { forwardUpgrade } from './upgrade.ts';

/** The data plane of all load balancers: given a request and its host, it does what the rules of that host's load balancer say. */
export interface Balancer {
  /** The load balancer that a host name leads to. */
  find(host: string): Entrance | undefined;
  /** Every host name and pattern that leads to a load balancer. */
  hosts(): readonly string[];
  handle(entrance: Entrance, request: IncomingMessage, response: ServerResponse): void;
  upgrade(entrance: Entrance, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Forgets what it has read of listeners and rules, after a change of them. */
  refresh(): void;
}

export function createBalancer(
  cloud: Cloud,
  records: Records,
  { pool, count }: { readonly pool: TargetPool; readonly count: (balancerArn: string, groupArn: string) => void },
): Balancer {
  const refuses = createFirewall(cloud.store);
  let entrances: readonly Entrance[] | undefined;
  let groups = new Map<string, TargetGroupRecord | undefined>();
  const read = (): readonly Entrance[] => {
    entrances ??= readEntrances(records);
    return entrances;
  };
  const groupOf = (action: Action): TargetGroupRecord | undefined => {
    const arn = drawGroup(action, Math.random()) ?? '';
    if (!groups.has(arn)) groups.set(arn, records.targetGroups.get(arn));
    return groups.get(arn);
  };
  return {
    find: (host) => findEntrance(read(), host),
    hosts: () => read().flatMap(({ hosts }) => hosts),
    refresh() {
      entrances = undefined;
      groups = new Map();
    },
    handle(entrance, request, response) {
      const facts = factsOf(request);
      const refusal = refuses(entrance.loadBalancer.arn, facts);
      if (refusal !== undefined) return answer(response, refusal.status, refusal.headers, '');
      const action = route(entrance, facts).at(-1);
      const port = request.socket.localPort ?? 0;
      if (action?.FixedResponseConfig) return answerFixed(response, action.FixedResponseConfig);
      if (action?.RedirectConfig) {
        return answerRedirect(response, action.RedirectConfig, { ...facts, protocol: 'http', port });
      }
      const group = action && groupOf(action);
      if (!group) return answerError(response, 503);
      count(entrance.loadBalancer.arn, group.arn);
      if (group.targetType === 'lambda') {
        const functionArn = pool.targets(group.arn)[0]?.id;
        if (!functionArn) return answerError(response, 503);
        return void forwardToFunction(cloud, { request, response, group, functionArn, port });
      }
      const idleTimeout = Number(entrance.loadBalancer.attributes['idle_timeout.timeout_seconds'] ?? 60) * 1000;
      forward({ request, response, choose: (tried) => pool.choose(group, tried), idleTimeout, port });
    },
    upgrade(entrance, request, socket, head) {
      const facts = factsOf(request);
      const refusal = refuses(entrance.loadBalancer.arn, facts);
      if (refusal !== undefined)
        return void socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\n\r\n`);
      const action = route(entrance, facts).at(-1);
      const group = action && groupOf(action);
      const target = group && pool.choose(group, new Set());
      if (!target) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      forwardUpgrade({ request, socket, head }, target, request.socket.localPort ?? 0);
    },
  };
}

/** Host name of a request without its port, lower case. */
export function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
}

function factsOf(request: IncomingMessage): RequestFacts {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  return {
    host: hostOf(request),
    path,
    query,
    method: request.method ?? 'GET',
    headers: request.headers,
    clientAddress: clientAddress(request),
  };
}
