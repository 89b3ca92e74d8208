import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { newName } from '../resources/make.ts';
import { attributeOf } from '../resources/network.ts';
import { requireText, text, texts, type Value, type Values } from '../schema/value.ts';
import { changed, tagList } from './common.ts';
import { type Attribute, changeElbTags, ELB, elbTags, fromAttributes, toAttributes } from './elb-common.ts';

const GONE = ['LoadBalancerNotFoundException'];

/** Terraform attribute -> attribute of the API. Blocks are written `block.attribute`. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'access_logs.bucket': 'access_logs.s3.bucket',
  'access_logs.enabled': 'access_logs.s3.enabled',
  'access_logs.prefix': 'access_logs.s3.prefix',
  'connection_logs.bucket': 'connection_logs.s3.bucket',
  'connection_logs.enabled': 'connection_logs.s3.enabled',
  'connection_logs.prefix': 'connection_logs.s3.prefix',
  client_keep_alive: 'client_keep_alive.seconds',
  desync_mitigation_mode: 'routing.http.desync_mitigation_mode',
  drop_invalid_header_fields: 'routing.http.drop_invalid_header_fields.enabled',
  enable_deletion_protection: 'deletion_protection.enabled',
  enable_http2: 'routing.http2.enabled',
  enable_tls_version_and_cipher_suite_headers: 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled',
  enable_waf_fail_open: 'waf.fail_open.enabled',
  enable_xff_client_port: 'routing.http.xff_client_port.enabled',
  enable_zonal_shift: 'zonal_shift.config.enabled',
  idle_timeout: 'idle_timeout.timeout_seconds',
  preserve_host_header: 'routing.http.preserve_host_header.enabled',
  xff_header_processing_mode: 'routing.http.xff_header_processing.mode',
};

interface LoadBalancer {
  readonly LoadBalancerArn: string;
  readonly LoadBalancerName: string;
  readonly DNSName: string;
  readonly CanonicalHostedZoneId: string;
  readonly Scheme: string;
  readonly Type: string;
  readonly IpAddressType: string;
  readonly VpcId?: string;
  readonly SecurityGroups?: string[];
  readonly AvailabilityZones?: readonly { readonly SubnetId?: string }[];
}

const backend: Backend = {
  async create(planned, context) {
    const answer = await context.call<{ LoadBalancers: [LoadBalancer] }>(ELB, 'CreateLoadBalancer', {
      Name: text(planned, 'name') ?? newName(planned, { fallback: 'tf-lb-' }),
      Type: text(planned, 'load_balancer_type'),
      Scheme: planned['internal'] === true ? 'internal' : 'internet-facing',
      IpAddressType: text(planned, 'ip_address_type'),
      Subnets: nonEmpty(texts(planned, 'subnets')),
      SecurityGroups: nonEmpty(texts(planned, 'security_groups')),
      Tags: tagList(planned),
    });
    const arn = answer.LoadBalancers[0].LoadBalancerArn;
    return { id: arn, arn };
  },
  complete: (created, context) => putAttributes(requireText(created, 'id'), created, context),
  async read(state, context) {
    const input = { LoadBalancerArns: [requireText(state, 'id')] };
    const answer = await absentOn(GONE, () =>
      context.call<{ LoadBalancers?: LoadBalancer[] }>(ELB, 'DescribeLoadBalancers', input),
    );
    const balancer = answer?.LoadBalancers?.[0];
    return balancer && describe(balancer, context);
  },
  async update(prior, planned, context) {
    const LoadBalancerArn = requireText(prior, 'id');
    const names = Object.keys(ATTRIBUTES).map((name) => name.split('.')[0] ?? name);
    if (changed(prior, planned, names)) await putAttributes(LoadBalancerArn, planned, context);
    if (changed(prior, planned, ['security_groups'])) {
      const SecurityGroups = texts(planned, 'security_groups');
      await context.call(ELB, 'SetSecurityGroups', { LoadBalancerArn, SecurityGroups });
    }
    if (changed(prior, planned, ['subnets'])) {
      await context.call(ELB, 'SetSubnets', { LoadBalancerArn, Subnets: texts(planned, 'subnets') });
    }
    if (changed(prior, planned, ['ip_address_type'])) {
      await context.call(ELB, 'SetIpAddressType', { LoadBalancerArn, IpAddressType: text(planned, 'ip_address_type') });
    }
    await changeElbTags(LoadBalancerArn, prior, planned, context);
    return {};
  },
  async delete(state, context) {
    const input = { LoadBalancerArn: requireText(state, 'id') };
    await absentOn(GONE, () => context.call(ELB, 'DeleteLoadBalancer', input));
  },
  importState: (id) => ({ id, arn: id }),
};

const nonEmpty = (list: string[]): string[] | undefined => (list.length > 0 ? list : undefined);

async function putAttributes(LoadBalancerArn: string, planned: Values, context: Context): Promise<void> {
  const Attributes = toAttributes(ATTRIBUTES, planned);
  await context.call(ELB, 'ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes });
}

async function describe(balancer: LoadBalancer, context: Context): Promise<Values> {
  const { LoadBalancerArn: arn } = balancer;
  const input = { LoadBalancerArn: arn };
  const { Attributes } = await context.call<{ Attributes?: Attribute[] }>(ELB, 'DescribeLoadBalancerAttributes', input);
  const subnets = (balancer.AvailabilityZones ?? []).flatMap(({ SubnetId }) => SubnetId ?? []);
  const vpcId: Value = balancer.VpcId ?? attributeOf(context, 'aws_subnet', subnets[0], 'vpc_id');
  return {
    ...fromAttributes(ATTRIBUTES, Attributes),
    id: arn,
    arn,
    arn_suffix: arn.split(':loadbalancer/')[1] ?? '',
    name: balancer.LoadBalancerName,
    dns_name: balancer.DNSName,
    zone_id: balancer.CanonicalHostedZoneId,
    internal: balancer.Scheme === 'internal',
    load_balancer_type: balancer.Type,
    ip_address_type: balancer.IpAddressType,
    security_groups: balancer.SecurityGroups ?? [],
    subnets,
    vpc_id: vpcId,
    tags_all: await elbTags(arn, context),
  };
}

export const loadBalancer: ResourceDefinition = {
  backend,
  defaults: {
    client_keep_alive: 3600,
    desync_mitigation_mode: 'defensive',
    drop_invalid_header_fields: false,
    enable_cross_zone_load_balancing: false,
    enable_deletion_protection: false,
    enable_http2: true,
    enable_tls_version_and_cipher_suite_headers: false,
    enable_waf_fail_open: false,
    enable_xff_client_port: false,
    enable_zonal_shift: false,
    idle_timeout: 60,
    load_balancer_type: 'application',
    preserve_host_header: false,
    xff_header_processing_mode: 'append',
    'access_logs.enabled': false,
    'connection_logs.enabled': false,
  },
  forceNew: ['customer_owned_ipv4_pool', 'internal', 'load_balancer_type', 'name', 'name_prefix'],
  computedBlocks: ['subnet_mapping'],
  oneOf: {
    load_balancer_type: ['application', 'network', 'gateway'],
    ip_address_type: ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'],
    desync_mitigation_mode: ['monitor', 'defensive', 'strictest'],
    xff_header_processing_mode: ['append', 'preserve', 'remove'],
  },
  validate: (config) => [
    ...conflicting(config, ['name', 'name_prefix']),
    ...conflicting(config, ['subnet_mapping', 'subnets']),
  ],
};
