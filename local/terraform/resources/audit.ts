import type { ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { accountId, arnOf, constant, joined, region, same, uuid } from './make.ts';

/** The audit trail, switches that hold for the whole account, and budgets. */
export const audit: Readonly<Record<string, ResourceDefinition>> = {
  aws_cloudtrail: record('aws_cloudtrail', {
    defaults: {
      enable_log_file_validation: false,
      enable_logging: true,
      include_global_service_events: true,
      is_multi_region_trail: false,
      is_organization_trail: false,
      'event_selector.include_management_events': true,
      'event_selector.read_write_type': 'All',
    },
    forceNew: ['name'],
    computed: {
      arn: arnOf('cloudtrail', 'trail/{name}'),
      id: same('arn'),
      home_region: region,
    },
  }),
  aws_xray_encryption_config: record('aws_xray_encryption_config', {
    adopts: true,
    oneOf: { type: ['KMS', 'NONE'] },
    computed: { id: region },
  }),
  aws_xray_sampling_rule: record('aws_xray_sampling_rule', {
    forceNew: ['rule_name', 'version'],
    computed: {
      id: (values, context) => values['rule_name'] ?? uuid(values, context),
      arn: arnOf('xray', 'sampling-rule/{id}'),
    },
  }),
  aws_ebs_encryption_by_default: record('aws_ebs_encryption_by_default', {
    adopts: true,
    defaults: { enabled: true },
    computed: { id: uuid },
  }),
  aws_ebs_default_kms_key: record('aws_ebs_default_kms_key', {
    adopts: true,
    forceNew: ['key_arn'],
    computed: { id: same('key_arn') },
  }),
  aws_ebs_snapshot_block_public_access: record('aws_ebs_snapshot_block_public_access', {
    adopts: true,
    oneOf: { state: ['block-all-sharing', 'block-new-sharing', 'unblocked'] },
    computed: { id: region },
  }),
  aws_ec2_instance_metadata_defaults: record('aws_ec2_instance_metadata_defaults', {
    adopts: true,
    oneOf: {
      http_tokens: ['optional', 'required', 'no-preference'],
      http_endpoint: ['disabled', 'enabled', 'no-preference'],
    },
    computed: {
      id: region,
      http_endpoint: constant('no-preference'),
      http_put_response_hop_limit: constant(-1),
      http_tokens: constant('no-preference'),
      instance_metadata_tags: constant('no-preference'),
    },
  }),
  aws_ec2_image_block_public_access: record('aws_ec2_image_block_public_access', {
    adopts: true,
    oneOf: { state: ['block-new-sharing', 'unblocked'] },
    computed: { id: region },
  }),
  aws_vpc_block_public_access_options: record('aws_vpc_block_public_access_options', {
    adopts: true,
    oneOf: { internet_gateway_block_mode: ['off', 'block-bidirectional', 'block-ingress'] },
    computed: { id: region, aws_account_id: accountId, aws_region: region },
  }),
  aws_s3_account_public_access_block: record('aws_s3_account_public_access_block', {
    adopts: true,
    defaults: {
      block_public_acls: false,
      block_public_policy: false,
      ignore_public_acls: false,
      restrict_public_buckets: false,
    },
    forceNew: ['account_id'],
    computed: { account_id: accountId, id: same('account_id') },
  }),
  aws_ecs_account_setting_default: record('aws_ecs_account_setting_default', {
    adopts: true,
    forceNew: ['name'],
    oneOf: {
      name: [
        'awsvpcTrunking',
        'containerInsights',
        'containerInstanceLongArnFormat',
        'defaultLogDriverMode',
        'dualStackIPv6',
        'fargateFIPSMode',
        'fargateTaskRetirementWaitPeriod',
        'guardDutyActivate',
        'serviceLongArnFormat',
        'tagResourceAuthorization',
        'taskLongArnFormat',
      ],
    },
    computed: {
      id: (values, context) => context.arn('ecs', `${String(values['name'])}`),
      principal_arn: (_values, context) => context.arn('iam', 'root', 'global'),
    },
  }),
  aws_ecr_registry_scanning_configuration: record('aws_ecr_registry_scanning_configuration', {
    adopts: true,
    oneOf: { scan_type: ['ENHANCED', 'BASIC'] },
    computed: { id: accountId, registry_id: accountId },
  }),
  aws_ecr_pull_through_cache_rule: record('aws_ecr_pull_through_cache_rule', {
    forceNew: ['custom_role_arn', 'ecr_repository_prefix', 'upstream_registry_url', 'upstream_repository_prefix'],
    computed: {
      id: same('ecr_repository_prefix'),
      registry_id: accountId,
    },
  }),
  aws_budgets_budget: record('aws_budgets_budget', {
    forceNew: ['account_id', 'name', 'name_prefix'],
    computedBlocks: ['cost_filter', 'cost_types'],
    oneOf: {
      budget_type: [
        'USAGE',
        'COST',
        'RI_UTILIZATION',
        'RI_COVERAGE',
        'SAVINGS_PLANS_UTILIZATION',
        'SAVINGS_PLANS_COVERAGE',
      ],
      time_unit: ['DAILY', 'MONTHLY', 'QUARTERLY', 'ANNUALLY', 'CUSTOM'],
    },
    defaults: { time_period_end: '2087-06-15_00:00' },
    equivalent: { limit_amount: (left, right) => Number(left) === Number(right) },
    computed: {
      account_id: accountId,
      id: joined('{account_id}:{name}'),
      arn: arnOf('budgets', 'budget/{name}', 'global'),
      time_period_start: (_values, context) => `${new Date(context.cloud.now()).toISOString().slice(0, 7)}-01_00:00`,
    },
  }),
  aws_ce_anomaly_monitor: record('aws_ce_anomaly_monitor', {
    forceNew: ['monitor_dimension', 'monitor_specification', 'monitor_type'],
    json: ['monitor_specification'],
    oneOf: { monitor_type: ['DIMENSIONAL', 'CUSTOM'] },
    computed: {
      arn: (values, context) => context.arn('ce', `anomalymonitor/${String(uuid(values, context))}`, 'global'),
      id: same('arn'),
    },
  }),
  aws_ce_anomaly_subscription: record('aws_ce_anomaly_subscription', {
    forceNew: ['account_id', 'name'],
    oneOf: { frequency: ['DAILY', 'IMMEDIATE', 'WEEKLY'] },
    computed: {
      account_id: accountId,
      arn: (values, context) => context.arn('ce', `anomalysubscription/${String(uuid(values, context))}`, 'global'),
      id: same('arn'),
    },
  }),
};
