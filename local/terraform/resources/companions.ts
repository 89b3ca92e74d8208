import type { Context, ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import type { Values } from '../schema/value.ts';
import { arnOf, constant, joined, now, same, uuid } from './make.ts';

/** What hangs on compute and data resources and has no served API: capacity, invocation settings, discovery, backups. */
export const companions: Readonly<Record<string, ResourceDefinition>> = {
  aws_ecs_cluster_capacity_providers: record('aws_ecs_cluster_capacity_providers', {
    adopts: true,
    defaults: { 'default_capacity_provider_strategy.base': 0, 'default_capacity_provider_strategy.weight': 0 },
    forceNew: ['cluster_name'],
    computed: { id: same('cluster_name') },
  }),
  aws_lambda_function_event_invoke_config: record('aws_lambda_function_event_invoke_config', {
    defaults: { maximum_retry_attempts: 2 },
    forceNew: ['function_name', 'qualifier'],
    computed: { id: (values) => [values['function_name'], values['qualifier']].filter(Boolean).join(':') },
  }),
  aws_lambda_provisioned_concurrency_config: record('aws_lambda_provisioned_concurrency_config', {
    defaults: { skip_destroy: false },
    forceNew: ['function_name', 'qualifier'],
    computed: { id: joined('{function_name},{qualifier}') },
  }),
  aws_lambda_event_source_mapping: record('aws_lambda_event_source_mapping', {
    defaults: { enabled: true },
    forceNew: ['event_source_arn', 'queues', 'starting_position', 'starting_position_timestamp', 'topics'],
    oneOf: { starting_position: ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] },
    computed: {
      uuid,
      id: same('uuid'),
      arn: arnOf('lambda', 'event-source-mapping:{uuid}'),
      function_arn: (values, context) => functionArn(String(values['function_name']), context.arn),
      last_modified: now,
      state: constant('Enabled'),
      state_transition_reason: constant('USER_INITIATED'),
    },
  }),
  aws_service_discovery_http_namespace: record('aws_service_discovery_http_namespace', {
    forceNew: ['name'],
    computed: { id: namespaceId, arn: arnOf('servicediscovery', 'namespace/{id}'), http_name: same('name') },
  }),
  aws_service_discovery_private_dns_namespace: record('aws_service_discovery_private_dns_namespace', {
    forceNew: ['name', 'vpc'],
    computed: { id: namespaceId, arn: arnOf('servicediscovery', 'namespace/{id}'), hosted_zone: constant('Z0LOCAL') },
  }),
  aws_service_discovery_service: record('aws_service_discovery_service', {
    defaults: { force_destroy: false, 'dns_config.routing_policy': 'MULTIVALUE' },
    forceNew: [
      'dns_config.dns_records.type',
      'dns_config.namespace_id',
      'dns_config.routing_policy',
      'health_check_config.type',
      'health_check_custom_config',
      'name',
      'namespace_id',
      'type',
    ],
    computed: {
      id: (values, context) => `srv-${String(uuid(values, context)).slice(0, 13)}`,
      arn: arnOf('servicediscovery', 'service/{id}'),
    },
  }),
  aws_dynamodb_resource_policy: record('aws_dynamodb_resource_policy', {
    forceNew: ['resource_arn'],
    json: ['policy'],
    computed: { id: same('resource_arn'), revision_id: uuid, confirm_remove_self_resource_access: constant(false) },
    refreshed: ['revision_id'],
  }),
  aws_dynamodb_contributor_insights: record('aws_dynamodb_contributor_insights', {
    forceNew: ['index_name', 'table_name'],
    computed: { id: joined('name:{table_name}/index:{index_name}') },
  }),
  aws_secretsmanager_secret_rotation: record('aws_secretsmanager_secret_rotation', {
    adopts: true,
    defaults: { rotate_immediately: true },
    forceNew: ['secret_id'],
    computed: { id: same('secret_id'), rotation_enabled: constant(true) },
  }),
  aws_secretsmanager_secret_policy: record('aws_secretsmanager_secret_policy', {
    adopts: true,
    defaults: { block_public_policy: false },
    forceNew: ['secret_arn'],
    json: ['policy'],
    computed: { id: same('secret_arn') },
  }),
  aws_backup_vault: record('aws_backup_vault', {
    defaults: { force_destroy: false },
    forceNew: ['kms_key_arn', 'name'],
    computed: {
      id: same('name'),
      arn: arnOf('backup', 'backup-vault:{name}'),
      kms_key_arn: (_values, context) => context.arn('kms', 'alias/aws/backup'),
      recovery_points: constant(0),
    },
  }),
  aws_backup_vault_lock_configuration: record('aws_backup_vault_lock_configuration', {
    adopts: true,
    forceNew: ['backup_vault_name', 'changeable_for_days', 'max_retention_days', 'min_retention_days'],
    computed: { id: same('backup_vault_name'), backup_vault_arn: arnOf('backup', 'backup-vault:{backup_vault_name}') },
  }),
  aws_backup_plan: record('aws_backup_plan', {
    forceNew: ['name'],
    defaults: {
      'rule.schedule_expression_timezone': 'Etc/UTC',
      'rule.enable_continuous_backup': false,
      'rule.start_window': 60,
      'rule.completion_window': 180,
    },
    computed: { id: uuid, arn: arnOf('backup', 'backup-plan:{id}'), version: uuid },
    refreshed: ['version'],
  }),
  aws_backup_selection: record('aws_backup_selection', {
    computedBlocks: ['condition'],
    forceNew: ['condition', 'iam_role_arn', 'name', 'not_resources', 'plan_id', 'resources', 'selection_tag'],
    computed: { id: uuid },
  }),
};

function namespaceId(values: Values, context: Context): string {
  return `ns-${String(uuid(values, context)).replaceAll('-', '').slice(0, 16)}`;
}

function functionArn(name: string, arn: (service: string, resource: string) => string): string {
  return name.startsWith('arn:') ? name : arn('lambda', `function:${name}`);
}
