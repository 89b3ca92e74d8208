import { BlockList } from 'node:net';
import type { Action, RuleCondition, TargetGroupTuple } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type ListenerRecord, type LoadBalancerRecord, type Records, values } from './records.ts';
import { rulesOf } from './rules.ts';

/** What rules look at. */
export interface RequestFacts {
  /** Host name without port, lower case. */
  readonly host: string;
  readonly path: string;
  /** Query string without `?`. */
  readonly query: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly clientAddress: string;
}

type Test = (facts: RequestFacts) => boolean;

export interface Route {
  readonly tests: readonly Test[];
  readonly actions: readonly Action[];
}

/** A load balancer as requests meet it: the listener that browsers would use, with its rules in order. */
export interface Entrance {
  readonly loadBalancer: LoadBalancerRecord;
  readonly listener: ListenerRecord;
  readonly routes: readonly Route[];
  /** Host names and patterns that lead here. */
  readonly hosts: readonly string[];
}

/** One entrance per load balancer that listens: its HTTPS listener, or its HTTP listener where there is none. */
export function readEntrances(records: Records): readonly Entrance[] {
  const listeners = values(records.listeners);
  return values(records.loadBalancers).flatMap((loadBalancer) => {
    const own = listeners.filter(({ loadBalancerArn }) => loadBalancerArn === loadBalancer.arn);
    const listener = own.find(({ protocol }) => protocol === 'HTTPS') ?? own[0];
    if (!listener) return [];
    const rules = rulesOf(records, listener.arn);
    const hosts = rules.flatMap(({ conditions }) =>
      conditions.flatMap(({ Field, Values }) => (Field === 'host-header' ? (Values ?? []) : [])),
    );
    const routes = rules.map(({ conditions, actions }) => ({ tests: conditions.map(compile), actions }));
    return [{ loadBalancer, listener, routes, hosts: [...new Set([loadBalancer.dnsName, ...hosts])] }];
  });
}

/** The entrance that a host name leads to; an exact name goes before a pattern. */
export function findEntrance(entrances: readonly Entrance[], host: string): Entrance | undefined {
  const exact = entrances.find(({ hosts }) => hosts.some((name) => name.toLowerCase() === host));
  return exact ?? entrances.find(({ hosts }) => hosts.some((pattern) => glob(pattern, 'i').test(host)));
}

/** Actions of the first rule all of whose conditions hold, else the listener's default actions. */
export function route(entrance: Entrance, facts: RequestFacts): readonly Action[] {
  const found = entrance.routes.find(({ tests }) => tests.every((test) => test(facts)));
  return found?.actions ?? entrance.listener.defaultActions;
}

/** Target group of a forward action, drawn by weight. `random` is in [0, 1). */
export function drawGroup(action: Action, random: number): string | undefined {
  const groups: readonly TargetGroupTuple[] = action.ForwardConfig?.TargetGroups ?? [action];
  const total = groups.reduce((sum, { Weight = 1 }) => sum + Weight, 0);
  let left = random * total;
  return groups.find(({ Weight = 1 }) => {
    left -= Weight;
    return left < 0;
  })?.TargetGroupArn;
}

function compile(condition: RuleCondition): Test {
  switch (condition.Field) {
    case 'host-header':
      return anyOf(condition.Values, 'i', ({ host }) => [host]);
    case 'path-pattern':
      return anyOf(condition.Values, '', ({ path }) => [path]);
    case 'http-header': {
      const name = condition.HttpHeaderConfig?.HttpHeaderName?.toLowerCase() ?? '';
      return anyOf(condition.HttpHeaderConfig?.Values, 'i', ({ headers }) => [headers[name] ?? []].flat());
    }
    case 'http-request-method': {
      const methods = condition.HttpRequestMethodConfig?.Values ?? condition.Values ?? [];
      return ({ method }) => methods.includes(method);
    }
    case 'query-string':
      return queryTest(condition.QueryStringConfig?.Values ?? []);
    case 'source-ip':
      return addressTest(condition.SourceIpConfig?.Values ?? condition.Values ?? []);
    default:
      return () => false;
  }
}

function anyOf(
  patterns: readonly string[] = [],
  flags: string,
  read: (facts: RequestFacts) => readonly string[],
): Test {
  const expressions = patterns.map((pattern) => glob(pattern, flags));
  return (facts) => read(facts).some((text) => expressions.some((expression) => expression.test(text)));
}

function queryTest(pairs: readonly { Key?: string | undefined; Value?: string | undefined }[]): Test {
  const wanted = pairs.map(({ Key, Value = '' }) => ({ key: Key && glob(Key, 'i'), value: glob(Value, 'i') }));
  return ({ query }) =>
    [...new URLSearchParams(query)].some(([name, text]) =>
      wanted.some(({ key, value }) => (!key || key.test(name)) && value.test(text)),
    );
}

function addressTest(blocks: readonly string[]): Test {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', prefix = '32'] = block.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return ({ clientAddress }) => list.check(clientAddress, clientAddress.includes(':') ? 'ipv6' : 'ipv4');
}

/** A pattern in which `*` stands for any run of characters and `?` for one. */
function glob(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}
