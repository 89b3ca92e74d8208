import type {
  CreateTargetGroupInput,
  DeleteTargetGroupInput,
  DescribeTargetGroupsInput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupInput,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../../cloud.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import { forwardedGroups } from './actions.ts';
import { newTargetGroupArn } from './arns.ts';
import {
  attributeList,
  find,
  type HealthCheck,
  mergeAttributes,
  type Records,
  type TargetGroupRecord,
  values,
} from './records.ts';

const DEFAULT_ATTRIBUTES = {
  'deregistration_delay.timeout_seconds': '300',
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  'slow_start.duration_seconds': '0',
  'stickiness.app_cookie.cookie_name': '',
  'stickiness.app_cookie.duration_seconds': '86400',
  'stickiness.enabled': 'false',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'stickiness.type': 'lb_cookie',
  'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
};
const LAMBDA_ATTRIBUTES = { 'lambda.multi_value_headers.enabled': 'false' };

/** Defaults of https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html. */
function defaultHealthCheck(targetType: string): HealthCheck {
  const lambda = targetType === 'lambda';
  return {
    enabled: !lambda,
    protocol: 'HTTP',
    port: 'traffic-port',
    path: '/',
    interval: lambda ? 35 : 30,
    timeout: lambda ? 30 : 5,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    matcher: '200',
  };
}

export function targetGroupOperations(cloud: Cloud, records: Records): Record<string, Operation> {
  const show = (record: TargetGroupRecord) => view(records, record);
  return {
    CreateTargetGroup(input: CreateTargetGroupInput) {
      const record = newTargetGroup(cloud, input);
      if (values(records.targetGroups).some(({ name }) => name === record.name)) {
        throw new AwsError('DuplicateTargetGroupNameException', `A target group named '${record.name}' already exists`);
      }
      records.targetGroups.set(record.arn, record);
      return { TargetGroups: [show(record)] };
    },
    DescribeTargetGroups: (input: DescribeTargetGroupsInput) => ({ TargetGroups: select(records, input).map(show) }),
    ModifyTargetGroup(input: ModifyTargetGroupInput) {
      const current = find(records, 'targetGroups', input.TargetGroupArn);
      const record = { ...current, healthCheck: healthCheck(current.healthCheck, input) };
      records.targetGroups.set(record.arn, record);
      return { TargetGroups: [show(record)] };
    },
    DeleteTargetGroup({ TargetGroupArn: arn = '' }: DeleteTargetGroupInput) {
      if (loadBalancersOf(records, arn).length > 0) {
        throw new AwsError(
          'ResourceInUseException',
          `Target group '${arn}' is currently in use by a listener or a rule`,
        );
      }
      for (const [key] of records.targets.entries(`${arn} `)) records.targets.delete(key);
      records.targetGroups.delete(arn);
      return {};
    },
    DescribeTargetGroupAttributes: ({ TargetGroupArn }: ModifyTargetGroupAttributesInput) => ({
      Attributes: attributeList(find(records, 'targetGroups', TargetGroupArn).attributes),
    }),
    ModifyTargetGroupAttributes({ TargetGroupArn, Attributes }: ModifyTargetGroupAttributesInput) {
      const current = find(records, 'targetGroups', TargetGroupArn);
      const record = { ...current, attributes: mergeAttributes(current.attributes, Attributes) };
      records.targetGroups.set(record.arn, record);
      return { Attributes: attributeList(record.attributes) };
    },
  };
}

function newTargetGroup(cloud: Cloud, input: CreateTargetGroupInput): TargetGroupRecord {
  const name = input.Name ?? '';
  const targetType = input.TargetType ?? 'instance';
  if (!/^(?!-)(?!.*-$)[A-Za-z0-9-]{1,32}$/.test(name)) {
    throw new AwsError('ValidationError', `'${name}' is not a target group name: 1 to 32 letters, digits and hyphens`);
  }
  if (targetType === 'alb') throw new AwsError('ValidationError', 'The local cloud has no targets of type alb');
  const common = {
    arn: newTargetGroupArn(cloud, name),
    name,
    healthCheck: healthCheck(defaultHealthCheck(targetType), input),
    tags: input.Tags ?? [],
  };
  if (targetType === 'lambda') return { ...common, targetType, attributes: LAMBDA_ATTRIBUTES };
  if (!input.Protocol || !input.Port) throw new AwsError('ValidationError', 'Protocol and Port are required');
  return {
    ...common,
    targetType,
    protocol: input.Protocol,
    protocolVersion: input.ProtocolVersion ?? 'HTTP1',
    port: input.Port,
    ipAddressType: input.IpAddressType ?? 'ipv4',
    ...(input.VpcId ? { vpcId: input.VpcId } : {}),
    attributes: DEFAULT_ATTRIBUTES,
  };
}

function healthCheck(current: HealthCheck, input: CreateTargetGroupInput | ModifyTargetGroupInput): HealthCheck {
  return {
    enabled: input.HealthCheckEnabled ?? current.enabled,
    protocol: input.HealthCheckProtocol ?? current.protocol,
    port: input.HealthCheckPort ?? current.port,
    path: input.HealthCheckPath ?? current.path,
    interval: input.HealthCheckIntervalSeconds ?? current.interval,
    timeout: input.HealthCheckTimeoutSeconds ?? current.timeout,
    healthyThreshold: input.HealthyThresholdCount ?? current.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? current.unhealthyThreshold,
    matcher: input.Matcher?.HttpCode ?? current.matcher,
  };
}

function select(records: Records, input: DescribeTargetGroupsInput): readonly TargetGroupRecord[] {
  if (input.TargetGroupArns?.length) return input.TargetGroupArns.map((arn) => find(records, 'targetGroups', arn));
  const all = values(records.targetGroups);
  if (input.LoadBalancerArn) {
    const { arn } = find(records, 'loadBalancers', input.LoadBalancerArn);
    return all.filter((group) => loadBalancersOf(records, group.arn).includes(arn));
  }
  if (!input.Names?.length) return all;
  return input.Names.map((name) => {
    const record = all.find((candidate) => candidate.name === name);
    if (!record) throw new AwsError('TargetGroupNotFoundException', 'One or more target groups not found');
    return record;
  });
}

/** ARNs of the load balancers whose listeners or rules forward to the group. */
function loadBalancersOf(records: Records, groupArn: string): readonly string[] {
  const listeners = values(records.listeners);
  const direct = listeners.filter(({ defaultActions }) => forwardedGroups(defaultActions).includes(groupArn));
  const byRule = values(records.rules)
    .filter(({ actions }) => forwardedGroups(actions).includes(groupArn))
    .map(({ listenerArn }) => listeners.find(({ arn }) => arn === listenerArn));
  return [...new Set([...direct, ...byRule].flatMap((listener) => listener?.loadBalancerArn ?? []))];
}

function view(records: Records, record: TargetGroupRecord): TargetGroup {
  const { healthCheck: check } = record;
  const lambda = record.targetType === 'lambda';
  return {
    TargetGroupArn: record.arn,
    TargetGroupName: record.name,
    TargetType: record.targetType,
    Protocol: record.protocol as TargetGroup['Protocol'],
    ProtocolVersion: record.protocolVersion,
    Port: record.port,
    VpcId: record.vpcId,
    IpAddressType: record.ipAddressType as TargetGroup['IpAddressType'],
    HealthCheckEnabled: check.enabled,
    ...(lambda ? {} : { HealthCheckProtocol: check.protocol as TargetGroup['Protocol'], HealthCheckPort: check.port }),
    HealthCheckPath: check.path,
    HealthCheckIntervalSeconds: check.interval,
    HealthCheckTimeoutSeconds: check.timeout,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    Matcher: { HttpCode: check.matcher },
    LoadBalancerArns: [...loadBalancersOf(records, record.arn)],
  };
}
