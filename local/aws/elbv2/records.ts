import type { Action, Certificate, RuleCondition, Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Collection, Store } from '../../state/store.ts';
import { AwsError } from '../kit/service.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface LoadBalancerRecord {
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  readonly scheme: string;
  readonly type: string;
  readonly ipAddressType: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly attributes: Attributes;
  readonly tags: readonly Tag[];
}

export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol: string;
  /** `traffic-port` or a number. */
  readonly port: string;
  readonly path: string;
  /** Seconds, as declared. */
  readonly interval: number;
  /** Seconds, as declared. */
  readonly timeout: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** `200`, `200,204` or `200-299`. */
  readonly matcher: string;
}

export interface TargetGroupRecord {
  readonly arn: string;
  readonly name: string;
  readonly targetType: 'instance' | 'ip' | 'lambda';
  /** Absent for Lambda targets. */
  readonly protocol?: string;
  readonly protocolVersion?: string;
  readonly port?: number;
  readonly vpcId?: string;
  readonly ipAddressType?: string;
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
  readonly tags: readonly Tag[];
}

export interface ListenerRecord {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: string;
  readonly sslPolicy?: string;
  readonly certificates: readonly Certificate[];
  readonly alpnPolicy: readonly string[];
  readonly defaultActions: readonly Action[];
  readonly attributes: Attributes;
  readonly tags: readonly Tag[];
}

export interface RuleRecord {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
  readonly tags: readonly Tag[];
}

/** A registered target, kept so that what people registered by hand is there again after a restart. */
export interface TargetRecord {
  readonly groupArn: string;
  /** IP address, or ARN of a function. */
  readonly id: string;
  readonly port?: number;
}

/** The durable side of the load balancers; health and connections live in memory. */
export interface Records {
  readonly loadBalancers: Collection<LoadBalancerRecord>;
  readonly targetGroups: Collection<TargetGroupRecord>;
  readonly listeners: Collection<ListenerRecord>;
  readonly rules: Collection<RuleRecord>;
  /** Key: `<target group ARN> <id>:<port>`. */
  readonly targets: Collection<TargetRecord>;
}

export function openRecords(store: Store): Records {
  return {
    loadBalancers: store.collection('elbv2/load-balancers'),
    targetGroups: store.collection('elbv2/target-groups'),
    listeners: store.collection('elbv2/listeners'),
    rules: store.collection('elbv2/rules'),
    targets: store.collection('elbv2/targets'),
  };
}

export const values = <Value>(collection: Collection<Value>): readonly Value[] =>
  collection.entries().map(([, value]) => value);

const NOT_FOUND = {
  loadBalancers: ['LoadBalancerNotFoundException', 'Load balancer'],
  targetGroups: ['TargetGroupNotFoundException', 'Target group'],
  listeners: ['ListenerNotFoundException', 'Listener'],
  rules: ['RuleNotFoundException', 'Rule'],
} as const;

type Kind = keyof typeof NOT_FOUND;
type RecordOf<K extends Kind> = Records[K] extends Collection<infer Value> ? Value : never;

/** The record with this ARN, or the error that Elastic Load Balancing answers when there is none. */
export function find<K extends Kind>(records: Records, kind: K, arn: string | undefined): RecordOf<K> {
  const record = arn === undefined ? undefined : (records[kind] as Collection<RecordOf<K>>).get(arn);
  if (record) return record;
  const [code, noun] = NOT_FOUND[kind];
  throw new AwsError(code, `${noun} '${arn}' not found`);
}

/** Merges a list of `{Key, Value}` into attributes. */
export function mergeAttributes(
  current: Attributes,
  changes: readonly { Key?: string; Value?: string }[] = [],
): Attributes {
  return { ...current, ...Object.fromEntries(changes.map(({ Key, Value }) => [Key ?? '', Value ?? ''])) };
}

export const attributeList = (attributes: Attributes): { Key: string; Value: string }[] =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
