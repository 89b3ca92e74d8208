import type { Context, ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { conflicting } from '../engine/validate.ts';
import type { Value, Values } from '../schema/value.ts';
import { accountId, arnOf, constant, ec2Id, generatedName, same, uuid } from './make.ts';

/** Instances, as far as a NAT instance takes them: templates, groups and network interfaces. No instance is started. */
export const instances: Readonly<Record<string, ResourceDefinition>> = {
  aws_network_interface: record('aws_network_interface', {
    defaults: { ipv6_address_list_enabled: false, private_ip_list_enabled: false, source_dest_check: true },
    forceNew: ['interface_type', 'subnet_id'],
    computedBlocks: ['attachment'],
    computed: {
      id: ec2Id('eni'),
      arn: arnOf('ec2', 'network-interface/{id}'),
      owner_id: accountId,
      interface_type: constant('interface'),
      mac_address: constant('02:00:00:00:00:01'),
      private_ip: constant('10.0.0.10'),
      private_ips: () => ['10.0.0.10'],
      private_ip_list: () => ['10.0.0.10'],
      private_ips_count: constant(0),
      private_dns_name: constant('ip-10-0-0-10.ec2.internal'),
      security_groups: () => [],
      ...Object.fromEntries(
        ['ipv4_prefixes', 'ipv6_prefixes', 'ipv6_addresses', 'ipv6_address_list'].map((name) => [name, () => []]),
      ),
      ...Object.fromEntries(
        ['ipv4_prefix_count', 'ipv6_prefix_count', 'ipv6_address_count'].map((name) => [name, constant(0)]),
      ),
      outpost_arn: constant(''),
    },
  }),
  aws_launch_template: record('aws_launch_template', {
    forceNew: ['name', 'name_prefix'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
    computed: {
      id: ec2Id('lt'),
      arn: arnOf('ec2', 'launch-template/{id}'),
      name: generatedName,
      name_prefix: constant(''),
      latest_version: nextVersion,
      default_version: defaultVersion,
    },
    // Every change is a version of its own.
    recomputed: { latest_version: ['*'], default_version: ['*'] },
  }),
  aws_autoscaling_group: record('aws_autoscaling_group', {
    defaults: {
      force_delete: false,
      force_delete_warm_pool: false,
      health_check_grace_period: 300,
      ignore_failed_scaling_activities: false,
      metrics_granularity: '1Minute',
      protect_from_scale_in: false,
      wait_for_capacity_timeout: '10m',
    },
    forceNew: ['initial_lifecycle_hook', 'name', 'name_prefix'],
    computedBlocks: ['availability_zone_distribution', 'capacity_reservation_specification', 'mixed_instances_policy'],
    validate: (config) => conflicting(config, ['availability_zones', 'vpc_zone_identifier']),
    computed: {
      name: generatedName,
      id: same('name'),
      name_prefix: constant(''),
      arn: (values, context) =>
        context.arn(
          'autoscaling',
          `autoScalingGroup:${String(uuid(values, context))}:autoScalingGroupName/${String(values['name'])}`,
        ),
      default_cooldown: constant(300),
      desired_capacity: same('min_size'),
      health_check_type: constant('EC2'),
      service_linked_role_arn: (_values, context) =>
        context.arn('iam', 'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling', 'global'),
      warm_pool_size: constant(0),
      predicted_capacity: constant(0),
      ...Object.fromEntries(
        ['availability_zones', 'load_balancers', 'target_group_arns', 'vpc_zone_identifier'].map((name) => [
          name,
          (): Value => [],
        ]),
      ),
    },
  }),
};

const versionsOf = (values: Values, context: Context): Values =>
  context.records('aws_launch_template').get(String(values['id']))?.attributes ?? {};

function nextVersion(values: Values, context: Context): Value {
  return Number(versionsOf(values, context)['latest_version'] ?? 0) + 1;
}

/** The newest where the template says so, else the one that it was, which is the first at first. */
function defaultVersion(values: Values, context: Context): Value {
  if (values['update_default_version'] === true) return values['latest_version'] ?? 1;
  return versionsOf(values, context)['default_version'] ?? 1;
}
