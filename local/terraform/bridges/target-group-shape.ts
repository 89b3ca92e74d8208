import type { Context } from '../engine/definition.ts';
import { block, flag, number, text, type Value, type Values } from '../schema/value.ts';
import { orNull } from './common.ts';
import { type Attribute, ELB, elbTags, fromAttributes } from './elb-common.ts';

export const ATTRIBUTES: Readonly<Record<string, string>> = {
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
export const LAMBDA_ATTRIBUTES = ['lambda_multi_value_headers_enabled'];

export interface TargetGroup {
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

export function healthCheckInput(planned: Values): object {
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

export function stickiness(planned: Values): { Key: string; Value: string }[] {
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

export async function describeTargetGroup(group: TargetGroup, context: Context): Promise<Values> {
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
