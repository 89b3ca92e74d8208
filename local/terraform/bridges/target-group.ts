import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { newName } from '../resources/make.ts';
import { number, requireText, text, type Values } from '../schema/value.ts';
import { changed, tagList } from './common.ts';
import { changeElbTags, ELB, toAttributes } from './elb-common.ts';
import {
  ATTRIBUTES,
  describeTargetGroup,
  healthCheckInput,
  LAMBDA_ATTRIBUTES,
  stickiness,
  type TargetGroup,
} from './target-group-shape.ts';

const GONE = ['TargetGroupNotFoundException'];

const backend: Backend = {
  async create(planned, context) {
    const isLambda = planned['target_type'] === 'lambda';
    const place = {
      Protocol: text(planned, 'protocol'),
      Port: number(planned, 'port'),
      VpcId: text(planned, 'vpc_id'),
    };
    const answer = await context.call<{ TargetGroups: [TargetGroup] }>(ELB, 'CreateTargetGroup', {
      Name: text(planned, 'name') ?? newName(planned, { fallback: 'tf-' }),
      TargetType: text(planned, 'target_type'),
      ...(isLambda ? {} : place),
      ProtocolVersion: isLambda ? undefined : text(planned, 'protocol_version'),
      IpAddressType: text(planned, 'ip_address_type'),
      ...healthCheckInput(planned),
      Tags: tagList(planned),
    });
    const arn = answer.TargetGroups[0].TargetGroupArn;
    return { id: arn, arn };
  },
  complete: (created, context) => putAttributes(requireText(created, 'id'), created, context),
  async read(state, context) {
    const input = { TargetGroupArns: [requireText(state, 'id')] };
    const answer = await absentOn(GONE, () =>
      context.call<{ TargetGroups?: TargetGroup[] }>(ELB, 'DescribeTargetGroups', input),
    );
    const group = answer?.TargetGroups?.[0];
    return group && describeTargetGroup(group, context);
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

async function putAttributes(TargetGroupArn: string, planned: Values, context: Context): Promise<void> {
  const isLambda = planned['target_type'] === 'lambda';
  const own = Object.entries(ATTRIBUTES).filter(([name]) => LAMBDA_ATTRIBUTES.includes(name) === isLambda);
  const Attributes = [...toAttributes(Object.fromEntries(own), planned), ...(isLambda ? [] : stickiness(planned))];
  if (Attributes.length > 0) await context.call(ELB, 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
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
