import { randomInt } from 'node:crypto';
import type { Context, ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { text, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import { accountId, arnOf, constant, ec2Id, region, same } from './make.ts';

const ASSIGN_IPV6 = 'assign_generated_ipv6_cidr_block';

/** VPCs, subnets and the gateways between them and the world. */
export const network: Readonly<Record<string, ResourceDefinition>> = {
  aws_vpc: record('aws_vpc', {
    defaults: { enable_dns_support: true, instance_tenancy: 'default' },
    forceNew: ['cidr_block', 'ipv4_ipam_pool_id', 'ipv4_netmask_length'],
    replaces: (prior, planned) => (changesTenancyInPlace(prior, planned) ? [] : ['instance_tenancy']),
    adjustPlan: planIpv6,
    oneOf: { instance_tenancy: ['default', 'dedicated'] },
    computed: {
      id: ec2Id('vpc'),
      arn: arnOf('ec2', 'vpc/{id}'),
      owner_id: accountId,
      default_network_acl_id: ec2Id('acl'),
      default_route_table_id: ec2Id('rtb'),
      main_route_table_id: same('default_route_table_id'),
      default_security_group_id: ec2Id('sg'),
      dhcp_options_id: ec2Id('dopt'),
      enable_dns_hostnames: constant(false),
      enable_network_address_usage_metrics: constant(false),
      ipv6_cidr_block: (values) => (values[ASSIGN_IPV6] === true ? documentationNetwork() : null),
      ipv6_association_id: (values, context) =>
        text(values, 'ipv6_cidr_block') ? ec2Id('vpc-cidr-assoc')(values, context) : null,
      ipv6_cidr_block_network_border_group: (values, context) =>
        text(values, 'ipv6_cidr_block') ? context.region : null,
    },
  }),
  aws_subnet: record('aws_subnet', {
    defaults: {
      assign_ipv6_address_on_creation: false,
      enable_dns64: false,
      enable_resource_name_dns_a_record_on_launch: false,
      enable_resource_name_dns_aaaa_record_on_launch: false,
      ipv6_native: false,
      map_public_ip_on_launch: false,
    },
    forceNew: ['availability_zone', 'availability_zone_id', 'cidr_block', 'ipv6_native', 'outpost_arn', 'vpc_id'],
    computed: {
      id: ec2Id('subnet'),
      arn: arnOf('ec2', 'subnet/{id}'),
      owner_id: accountId,
      availability_zone: (_values, context) => `${context.region}a`,
      availability_zone_id: (values) => zoneId(text(values, 'availability_zone') ?? ''),
      private_dns_hostname_type_on_launch: constant('ip-name'),
    },
  }),
  aws_internet_gateway: record('aws_internet_gateway', {
    computed: { id: ec2Id('igw'), arn: arnOf('ec2', 'internet-gateway/{id}'), owner_id: accountId },
  }),
  aws_egress_only_internet_gateway: record('aws_egress_only_internet_gateway', {
    forceNew: ['vpc_id'],
    computed: { id: ec2Id('eigw') },
  }),
  aws_eip: record('aws_eip', {
    forceNew: ['address', 'domain', 'ipam_pool_id', 'network_border_group', 'public_ipv4_pool'],
    oneOf: { domain: ['vpc', 'standard'] },
    computed: {
      id: ec2Id('eipalloc'),
      allocation_id: same('id'),
      arn: arnOf('ec2', 'elastic-ip/{id}'),
      domain: constant('vpc'),
      public_ip: (_values, context) => documentationAddress(context),
      public_ipv4_pool: constant('amazon'),
      network_border_group: region,
    },
  }),
  aws_nat_gateway: record('aws_nat_gateway', {
    defaults: { connectivity_type: 'public' },
    forceNew: [
      'allocation_id',
      'availability_mode',
      'connectivity_type',
      'private_ip',
      'secondary_private_ip_address_count',
      'subnet_id',
      'vpc_id',
    ],
    oneOf: { connectivity_type: ['private', 'public'] },
    computed: {
      id: ec2Id('nat'),
      network_interface_id: ec2Id('eni'),
      association_id: ec2Id('eipassoc'),
      public_ip: (values, context) => attributeOf(context, 'aws_eip', values['allocation_id'], 'public_ip'),
    },
  }),
};

/** EC2 takes a VPC back from dedicated to default tenancy; any other change needs a new one. */
function changesTenancyInPlace(prior: Values, planned: Values): boolean {
  const [from, to] = [prior['instance_tenancy'], planned['instance_tenancy']];
  return from === to || (from === 'dedicated' && to === 'default');
}

/** With the switch for Amazon's IPv6 block, everything about that block changes. */
function planIpv6(planned: Values, prior: Values | undefined, _context: Context, config: Values): Values {
  if (!prior || (prior[ASSIGN_IPV6] ?? false) === (planned[ASSIGN_IPV6] ?? false)) return {};
  return {
    ipv6_association_id: UNKNOWN,
    ipv6_cidr_block: config['ipv6_cidr_block'] ?? UNKNOWN,
    ipv6_cidr_block_network_border_group: config['ipv6_cidr_block_network_border_group'] ?? UNKNOWN,
  };
}

/** An attribute of the record that an attribute refers to by id; null if that is not (yet) there. */
export function attributeOf(context: Context, type: string, id: Value | undefined, name: string): Value {
  if (typeof id !== 'string') return null;
  return context.records(type).get(id)?.attributes[name] ?? null;
}

/** The VPC whose attribute has this value: default resources do not name their VPC. */
export function vpcWhere(context: Context, name: string, value: Value | undefined): Values | undefined {
  const found = context
    .records('aws_vpc')
    .entries()
    .find(([, { attributes }]) => attributes[name] === value);
  return found?.[1].attributes;
}

/** `us-east-1a` -> `use1-az1`. */
export function zoneId(zone: string): string {
  const [, area = '', direction = '', number = '', letter = 'a'] = /^(\w+)-(\w+)-(\d)(\w)$/.exec(zone) ?? [];
  const short = direction.replace(/north|south|east|west|central/g, (word) => word.charAt(0));
  return `${area}${short}${number}-az${letter.charCodeAt(0) - 96}`;
}

// A /56, as Amazon gives, out of the documentation prefix (RFC 3849).
const documentationNetwork = (): string =>
  `2001:db8:${randomInt(1, 0x10000).toString(16)}:${(randomInt(1, 0x100) << 8).toString(16)}::/56`;

// TEST-NET-3 (RFC 5737): an address that reaches nobody.
const documentationAddress = (context: Context): string =>
  `203.0.113.${(context.records('aws_eip').entries().length % 254) + 1}`;
