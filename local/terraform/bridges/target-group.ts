import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { generatedName } from '../resources/make.ts';
import { block, flag, number, requireText, text, type Value, type Values } from '../schema/value.ts';
import { changed, orNull, tagList } from './common.ts';
import { type Attribute, changeElbTags, ELB, elbTags, fromAttributes, toAttributes } from './elb-common.ts';

const GONE = ['TargetGroupNotFoundException'];

const ATTRIBUTES: Readonly<Record<string, string>> = {
  deregistration_delay: 'deregistration_delay.timeout_seconds',
  lambda_multi_value_headers_enabled: 'lambda.multi_value_headers.enabled',
  load_balancing_algorithm_type: 'load_balancing.algorithm.type',
  load_balancing_anomaly_mitigation: 'load_balancing.algorithm.anomaly_mitigation',
  load_balancing_cross_zone_enabled: 'load_balancing.cross_zone.enabled',
  slow_start: 'slow_start.duration_seconds',
  'stickiness.enabled': 'stickiness.enabled',
  'stickiness.type': 'stickiness.type',
};
/** What a function as a target has; the API refuses the rest. */
const LAMBDA_ATTRIBUTES = ['lambda_multi_value_headers_enabled'];

interface TargetGroup {
  readonly TargetGroupArn: string;
  readonly TargetGroupName: string;
  readonly TargetType?: string;
  readonly Protocol?: string;
  readonly ProtocolVersion?: string;
  readonly Port?: number;
  readonly VpcId?: string;
  readonly IpAddressType?: string;
  readonly HealthCheckEnabled?: boolean;
  readonly HealthCheckIntervalSeconds?: number;
  readonly HealthCheckPath?: string;
  readonly HealthCheckPort?: string;
  readonly HealthCheckProtocol?: string;
  readonly HealthCheckTimeoutSeconds?: number;
  readonly HealthyThresholdCount?: number;
  readonly UnhealthyThresholdCount?: number;
  readonly Matcher?: { readonly HttpCode?: string };
  readonly LoadBalancerArns?: string[];
}

const backend: Backend = {
  async create(planned, context) {
    const isLambda = planned['target_type'] === 'lambda';
    const place = {
      Protocol: text(planned, 'protocol'),
      Port: number(planned, 'port'),
      VpcId: text(planned, 'vpc_id'),
    };
    const answer = await context.call<{ TargetGroups: [TargetGroup] }>(ELB, 'CreateTargetGroup', {
      Name: text(planned, 'name') ?? String(generatedName()(planned, context)).slice(0, 32),
      TargetType: text(planned, 'target_type'),
      ...(isLambda ? {} : place),
      ProtocolVersion: isLambda ? undefined : text(planned, 'protocol_version'),
      IpAddressType: text(planned, 'ip_address_type'),
      ...healthCheckInput(planned),
      Tags: tagList(planned),
    });
    const arn = answer.TargetGroups[0].TargetGroupArn;
    await putAttributes(arn, planned, context);
    return { id: arn, arn };
  },
  async read(state, context) {
    const input = { TargetGroupArns: [requireText(state, 'id')] };
    const answer = await absentOn(GONE, () =>
      context.call<{ TargetGroups?: TargetGroup[] }>(ELB, 'DescribeTargetGroups', input),
    );
    const group = answer?.TargetGroups?.[0];
    return group && describe(group, context);
  },
  async update(prior, planned, context) {
    const TargetGroupArn = requireText(prior, 'id');
    if (changed(prior, planned, ['health_check'])) {
      await context.call(ELB, 'ModifyTargetGroup', { TargetGroupArn, ...healthCheckInput(planned) });
    }
    const names = Object.keys(ATTRIBUTES).map((name) => name.split('.')[0] ?? name);
    if (changed(prior, planned, names)) await putAttributes(TargetGroupArn, planned, context);
    await changeElbTags(TargetGroupArn, prior, planned, context);
    return {};
  },
  async delete(state, context) {
    const input = { TargetGroupArn: requireText(state, 'id') };
    await absentOn(GONE, () => context.call(ELB, 'DeleteTargetGroup', input));
  },
  importState: (id) => ({ id, arn: id }),
};

function healthCheckInput(planned: Values): object {
  const check = block(planned, 'health_check');
  if (!check) return {};
  const matcher = text(check, 'matcher');
  const isLambda = planned['target_type'] === 'lambda';
  return {
    HealthCheckEnabled: flag(check, 'enabled'),
    HealthCheckIntervalSeconds: number(check, 'interval'),
    HealthCheckPath: text(check, 'path'),
    HealthCheckTimeoutSeconds: number(check, 'timeout'),
    HealthyThresholdCount: number(check, 'healthy_threshold'),
    UnhealthyThresholdCount: number(check, 'unhealthy_threshold'),
    ...(matcher ? { Matcher: { HttpCode: matcher } } : {}),
    ...(isLambda ? {} : { HealthCheckPort: text(check, 'port'), HealthCheckProtocol: text(check, 'protocol') }),
  };
}

async function putAttributes(TargetGroupArn: string, planned: Values, context: Context): Promise<void> {
  const isLambda = planned['target_type'] === 'lambda';
  const own = Object.entries(ATTRIBUTES).filter(([name]) => LAMBDA_ATTRIBUTES.includes(name) === isLambda);
  const Attributes = [...toAttributes(Object.fromEntries(own), planned), ...(isLambda ? [] : stickiness(planned))];
  if (Attributes.length > 0) await context.call(ELB, 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
}

function stickiness(planned: Values): { Key: string; Value: string }[] {
  const sticky = block(planned, 'stickiness');
  if (!sticky) return [];
  const isApplication = sticky['type'] === 'app_cookie';
  const prefix = isApplication ? 'stickiness.app_cookie' : 'stickiness.lb_cookie';
  const name = text(sticky, 'cookie_name');
  return [
    { Key: `${prefix}.duration_seconds`, Value: String(number(sticky, 'cookie_duration') ?? 86400) },
    ...(isApplication && name ? [{ Key: `${prefix}.cookie_name`, Value: name }] : []),
  ];
}

async function describe(group: TargetGroup, context: Context): Promise<Values> {
  const { TargetGroupArn: arn } = group;
  const input = { TargetGroupArn: arn };
  const { Attributes } = await context.call<{ Attributes?: Attribute[] }>(ELB, 'DescribeTargetGroupAttributes', input);
  return {
    ...fromAttributes(ATTRIBUTES, Attributes),
    ...describeStickiness(Attributes),
    id: arn,
    arn,
    arn_suffix: arn.split(':').at(-1) ?? '',
    name: group.TargetGroupName,
    target_type: group.TargetType ?? 'instance',
    protocol: orNull(group.Protocol),
    protocol_version: orNull(group.ProtocolVersion),
    port: orNull(group.Port),
    vpc_id: orNull(group.VpcId),
    ip_address_type: orNull(group.IpAddressType),
    load_balancer_arns: group.LoadBalancerArns ?? [],
    health_check: [describeHealthCheck(group)],
    tags_all: await elbTags(arn, context),
  };
}

function describeHealthCheck(group: TargetGroup): Values {
  return {
    enabled: group.HealthCheckEnabled ?? true,
    healthy_threshold: orNull(group.HealthyThresholdCount),
    interval: orNull(group.HealthCheckIntervalSeconds),
    matcher: orNull(group.Matcher?.HttpCode),
    path: orNull(group.HealthCheckPath),
    // A function has neither, but the provider writes its defaults down all the same.
    ...(group.TargetType === 'lambda'
      ? {}
      : { port: orNull(group.HealthCheckPort), protocol: orNull(group.HealthCheckProtocol) }),
    timeout: orNull(group.HealthCheckTimeoutSeconds),
    unhealthy_threshold: orNull(group.UnhealthyThresholdCount),
  };
}

function describeStickiness(attributes: readonly Attribute[] = []): { readonly stickiness?: Value } {
  const value = (key: string): string | undefined => attributes.find(({ Key }) => Key === key)?.Value;
  const type = value('stickiness.type');
  if (!type) return {};
  const duration = value(
    type === 'app_cookie' ? 'stickiness.app_cookie.duration_seconds' : 'stickiness.lb_cookie.duration_seconds',
  );
  const enabled = value('stickiness.enabled') === 'true';
  const cookie_name = value('stickiness.app_cookie.cookie_name') ?? '';
  return { stickiness: [{ enabled, type, cookie_duration: Number(duration ?? 86400), cookie_name }] };
}

export const targetGroup: ResourceDefinition = {
  backend,
  defaults: {
    deregistration_delay: '300',
    lambda_multi_value_headers_enabled: false,
    proxy_protocol_v2: false,
    slow_start: 0,
    target_type: 'instance',
    'health_check.enabled': true,
    'health_check.healthy_threshold': 3,
    'health_check.interval': 30,
    'health_check.port': 'traffic-port',
    'health_check.protocol': 'HTTP',
    'health_check.unhealthy_threshold': 3,
    'stickiness.cookie_duration': 86400,
    'stickiness.enabled': true,
  },
  forceNew: ['ip_address_type', 'name', 'name_prefix', 'port', 'protocol', 'protocol_version', 'target_type', 'vpc_id'],
  computedBlocks: ['health_check', 'stickiness', 'target_failover', 'target_group_health', 'target_health_state'],
  oneOf: {
    target_type: ['instance', 'ip', 'lambda', 'alb'],
    protocol: ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'],
    'health_check.protocol': ['HTTP', 'HTTPS', 'TCP'],
    'stickiness.type': ['lb_cookie', 'app_cookie', 'source_ip', 'source_ip_dest_ip', 'source_ip_dest_ip_proto'],
  },
  validate(config) {
    const isPlaced =
      config['target_type'] === 'lambda' ||
      ['port', 'protocol', 'vpc_id'].every((name) => (config[name] ?? null) !== null);
    const missing = {
      path: [],
      summary: 'Missing required argument',
      detail: '"port", "protocol" and "vpc_id" are required unless target_type is "lambda".',
    };
    return [...conflicting(config, ['name', 'name_prefix']), ...(isPlaced ? [] : [missing])];
  },
};
