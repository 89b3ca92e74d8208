import type { ResourceDefinition } from '../engine/definition.ts';
import { sameIgnoringCase } from '../engine/equal.ts';
import { record } from '../engine/record.ts';
import { conflicting, exactlyOne } from '../engine/validate.ts';
import type { Value, Values } from '../schema/value.ts';
import { accountId, arnOf, ec2Id, generatedName, same } from './make.ts';
import { vpcWhere } from './network.ts';

const SOURCES = ['cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id'];

const rule = (type: string): ResourceDefinition =>
  record(type, {
    forceNew: ['security_group_id'],
    // A rule cannot be given another kind of source.
    replaces(prior, planned) {
      const [from, to] = [sourceOf(prior), sourceOf(planned)];
      return from === to ? [] : [from, to];
    },
    equivalent: { ip_protocol: sameProtocol },
    validate: (config) => exactlyOne(config, SOURCES),
    computed: {
      id: ec2Id('sgr'),
      security_group_rule_id: same('id'),
      arn: arnOf('ec2', 'security-group-rule/{id}'),
    },
  });

const sourceOf = (values: Values): string => SOURCES.find((name) => (values[name] ?? '') !== '') ?? '';

/** Security groups and their rules, in all three ways that the provider has to write them. */
export const securityGroups: Readonly<Record<string, ResourceDefinition>> = {
  aws_security_group: record('aws_security_group', {
    defaults: { description: 'Managed by Terraform', revoke_rules_on_delete: false },
    forceNew: ['description', 'name', 'name_prefix', 'vpc_id'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
    computed: {
      id: ec2Id('sg'),
      name: generatedName,
      arn: arnOf('ec2', 'security-group/{id}'),
      owner_id: accountId,
      ingress: () => [],
      egress: () => [],
    },
  }),
  aws_default_security_group: record('aws_default_security_group', {
    adopts: true,
    defaults: { revoke_rules_on_delete: false },
    forceNew: ['vpc_id'],
    computed: {
      id: (values, context) =>
        vpcWhere(context, 'id', values['vpc_id'])?.['default_security_group_id'] ?? ec2Id('sg')(values, context),
      name: () => 'default',
      description: () => 'default VPC security group',
      arn: arnOf('ec2', 'security-group/{id}'),
      owner_id: accountId,
      ingress: () => [],
      egress: () => [],
    },
  }),
  aws_security_group_rule: record('aws_security_group_rule', {
    defaults: { self: false },
    forceNew: [
      'cidr_blocks',
      'from_port',
      'ipv6_cidr_blocks',
      'prefix_list_ids',
      'protocol',
      'security_group_id',
      'self',
      'source_security_group_id',
      'to_port',
      'type',
    ],
    oneOf: { type: ['ingress', 'egress'] },
    equivalent: { protocol: sameProtocol },
    computed: { security_group_rule_id: ec2Id('sgr'), id: same('security_group_rule_id') },
  }),
  aws_vpc_security_group_ingress_rule: rule('aws_vpc_security_group_ingress_rule'),
  aws_vpc_security_group_egress_rule: rule('aws_vpc_security_group_egress_rule'),
};

/** Protocols are written by name or by number. */
function sameProtocol(left: Value, right: Value): boolean {
  return sameIgnoringCase(protocolName(left), protocolName(right));
}

function protocolName(value: Value): string {
  const names: Readonly<Record<string, string>> = { '-1': 'all', '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' };
  return names[String(value)] ?? String(value);
}
