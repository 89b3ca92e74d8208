import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { exactlyOne } from '../engine/validate.ts';
import { text, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import { accountId, arnOf, constant, ec2Id, same } from './make.ts';
import { attributeOf, vpcWhere } from './network.ts';

export const DESTINATIONS = ['destination_cidr_block', 'destination_ipv6_cidr_block', 'destination_prefix_list_id'];
const INTERFACE = 'network_interface_id';
export const TARGETS = [
  'carrier_gateway_id',
  'core_network_arn',
  'egress_only_gateway_id',
  'gateway_id',
  'local_gateway_id',
  'nat_gateway_id',
  INTERFACE,
  'transit_gateway_id',
  'vpc_endpoint_id',
  'vpc_peering_connection_id',
];
const FULL_ACCESS =
  '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}';

/** Route tables, network ACLs, endpoints and flow logs of a VPC. */
export const routing: Readonly<Record<string, ResourceDefinition>> = {
  aws_route_table: record('aws_route_table', {
    forceNew: ['vpc_id'],
    computed: {
      id: ec2Id('rtb'),
      arn: arnOf('ec2', 'route-table/{id}'),
      owner_id: accountId,
      route: empty,
      propagating_vgws: empty,
    },
  }),
  aws_default_route_table: record('aws_default_route_table', {
    adopts: true,
    forceNew: ['default_route_table_id'],
    computed: {
      id: same('default_route_table_id'),
      arn: arnOf('ec2', 'route-table/{id}'),
      owner_id: accountId,
      vpc_id: (values, context) =>
        vpcWhere(context, 'default_route_table_id', values['default_route_table_id'])?.['id'] ?? null,
      route: empty,
    },
  }),
  aws_route: record('aws_route', {
    forceNew: [...DESTINATIONS, 'route_table_id'],
    equivalent: { destination_ipv6_cidr_block: sameNetwork },
    validate: (config) => [...exactlyOne(config, DESTINATIONS), ...exactlyOne(config, TARGETS)],
    // The interface is computed, yet it does not outlive the change to another kind of target.
    adjustPlan: (_planned, _prior, _context, config): Values =>
      text(config, INTERFACE) || config[INTERFACE] === UNKNOWN ? {} : { [INTERFACE]: null },
    computed: {
      id: (values) => `r-${String(values['route_table_id'])}${checksum(destination(values))}`,
      origin: constant('CreateRoute'),
      state: constant('active'),
    },
  }),
  aws_route_table_association: record('aws_route_table_association', {
    forceNew: ['gateway_id', 'subnet_id'],
    validate: (config) => exactlyOne(config, ['gateway_id', 'subnet_id']),
    computed: { id: ec2Id('rtbassoc') },
  }),
  aws_main_route_table_association: record('aws_main_route_table_association', {
    forceNew: ['vpc_id'],
    computed: {
      id: ec2Id('rtbassoc'),
      original_route_table_id: (values, context) =>
        attributeOf(context, 'aws_vpc', values['vpc_id'], 'main_route_table_id'),
    },
  }),
  aws_network_acl: record('aws_network_acl', {
    forceNew: ['vpc_id'],
    computed: {
      id: ec2Id('acl'),
      arn: arnOf('ec2', 'network-acl/{id}'),
      owner_id: accountId,
      ingress: empty,
      egress: empty,
      subnet_ids: empty,
    },
  }),
  aws_default_network_acl: record('aws_default_network_acl', {
    adopts: true,
    forceNew: ['default_network_acl_id'],
    computed: {
      id: same('default_network_acl_id'),
      arn: arnOf('ec2', 'network-acl/{id}'),
      owner_id: accountId,
      vpc_id: (values, context) =>
        vpcWhere(context, 'default_network_acl_id', values['default_network_acl_id'])?.['id'] ?? null,
    },
  }),
  aws_vpc_endpoint: record('aws_vpc_endpoint', {
    defaults: { vpc_endpoint_type: 'Gateway' },
    forceNew: [
      'resource_configuration_arn',
      'service_name',
      'service_network_arn',
      'service_region',
      'vpc_endpoint_type',
      'vpc_id',
    ],
    oneOf: { vpc_endpoint_type: ['Interface', 'Gateway', 'GatewayLoadBalancer', 'Resource', 'ServiceNetwork'] },
    json: ['policy'],
    computedBlocks: ['dns_options', 'subnet_configuration'],
    computed: {
      id: ec2Id('vpce'),
      arn: arnOf('ec2', 'vpc-endpoint/{id}'),
      owner_id: accountId,
      state: constant('available'),
      requester_managed: constant(false),
      private_dns_enabled: constant(false),
      prefix_list_id: (values, context) => (isGateway(values) ? ec2Id('pl')(values, context) : null),
      policy: constant(FULL_ACCESS),
      ip_address_type: (values) => (isGateway(values) ? null : 'ipv4'),
      cidr_blocks: empty,
      dns_entry: empty,
      network_interface_ids: empty,
      route_table_ids: empty,
      security_group_ids: empty,
      subnet_ids: empty,
    },
  }),
  aws_flow_log: record('aws_flow_log', {
    defaults: { log_destination_type: 'cloud-watch-logs', max_aggregation_interval: 600 },
    forceNew: [
      'deliver_cross_account_role',
      'destination_options',
      'eni_id',
      'iam_role_arn',
      'log_destination',
      'log_destination_type',
      'log_format',
      'max_aggregation_interval',
      'subnet_id',
      'traffic_type',
      'transit_gateway_id',
      'vpc_id',
    ],
    oneOf: {
      log_destination_type: ['cloud-watch-logs', 's3', 'kinesis-data-firehose'],
      traffic_type: ['ACCEPT', 'REJECT', 'ALL'],
    },
    computed: { id: ec2Id('fl'), arn: arnOf('ec2', 'vpc-flow-log/{id}'), log_format: constant(defaultFlowLogFormat()) },
  }),
};

/** IPv6 networks are written in several ways: `::/0` is `0::0/0`. */
function sameNetwork(left: Value, right: Value): boolean {
  const [a, b] = [left, right].map((value) => {
    const [address = '', length] = String(value).split('/');
    return isIPv6(address) ? `${new URL(`http://[${address}]`).hostname}/${length}` : String(value);
  });
  return a === b;
}

function empty(): Value {
  return [];
}

function defaultFlowLogFormat(): string {
  const fields =
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
  return fields
    .split(' ')
    .map((field) => `\${${field}}`)
    .join(' ');
}

const isGateway = (values: Values): boolean => values['vpc_endpoint_type'] === 'Gateway';
const destination = (values: Values): string => DESTINATIONS.map((name) => text(values, name)).find(Boolean) ?? '';
const checksum = (value: string): number => createHash('sha256').update(value).digest().readUInt32BE();
