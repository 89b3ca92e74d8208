import { openStore } from '../../state/store.ts';
import { createContext } from '../engine/context.ts';
import { planResource } from '../engine/plan.ts';
import { loadProviderSchema } from '../schema/load.ts';
import type { Block } from '../schema/types.ts';
import { UNKNOWN, type Value, type Values } from '../schema/value.ts';
import { resources } from './index.ts';

const schemas = loadProviderSchema().resources;
const store = openStore(':memory:');
afterAll(() => store.close());

const named = (names: Iterable<string>, value: Value): Values =>
  Object.fromEntries([...names].map((name) => [name, value]));
const nothing = ({ attributes, blocks }: Block): Values => ({
  ...named(Object.keys(attributes), null),
  ...named(Object.keys(blocks), []),
});

const dns = (routing_policy: string): Values => ({ namespace_id: 'ns', routing_policy, dns_records: [] });

const agent = (status: string): Values => ({ name: 'EC2_AGENT_MANAGEMENT', status });
const throttling = (limit: Value): Value => [
  expect.objectContaining({ throttling_burst_limit: limit, throttling_rate_limit: limit }) as never,
];
const executeCommand = (logging: Value): Values => ({
  configuration: [{ execute_command_configuration: [{ logging }] }],
});
const backedUp = { condition: [{ string_equals: [{ key: 'aws:ResourceTag/backup', value: 'daily' }] }] };

/** What is planned for a type: of these values before, and these in the configuration. */
function plan(type: string, config: Values, before?: Values): ReturnType<typeof planResource> {
  const [schema, rules] = [schemas[type], resources[type]];
  if (!schema || !rules) throw new Error(`${type} is unknown`);
  const endpoints = { aws: '', registry: '', github: '', sentry: '', web: '', terraform: '' };
  const invoke = (): Promise<never> => Promise.reject(new Error('not called'));
  const log = (): undefined => undefined;
  const cloud = { home: '', accountId: '0', region: 'us-east-1', store, endpoints, now: Date.now, log, invoke };
  const given = { ...nothing(schema.block), ...config };
  const context = createContext(cloud, { config: {}, stop: new AbortController() }, given);
  const prior = before && { ...plan(type, before).planned, id: 'i' };
  return planResource({ schema, rules, prior, config: given, context });
}

// Each read in the source of hashicorp/aws (ForceNew, RequiresReplace, CustomizeDiff).
describe('a change', () => {
  test.each<[string, string, Value, Value]>([
    ['aws_wafv2_web_acl_logging_configuration', 'log_destination_configs', ['arn:a'], ['arn:b']],
    ['aws_api_gateway_integration', 'credentials', 'arn:a', 'arn:b'],
    ['aws_api_gateway_integration', 'passthrough_behavior', 'NEVER', 'WHEN_NO_TEMPLATES'],
    ['aws_cognito_user_pool', 'name', 'a', 'b'],
    ['aws_cognito_user_pool', 'username_configuration', [{ case_sensitive: true }], [{ case_sensitive: false }]],
    ['aws_backup_plan', 'name', 'a', 'b'],
    ['aws_xray_sampling_rule', 'version', 1, 2],
    ['aws_kms_key', 'multi_region', false, true],
    ['aws_eip', 'ipam_pool_id', 'a', 'b'],
    ['aws_dynamodb_table', 'restore_source_name', 'a', 'b'],
    ['aws_lambda_function', 'tenancy_config', [{ tenant_isolation_mode: 'PER_TENANT' }], []],
    ['aws_ssm_parameter', 'tier', 'Advanced', 'Standard'],
    ['aws_service_discovery_service', 'dns_config', [dns('MULTIVALUE')], [dns('WEIGHTED')]],
    ['aws_ecs_task_definition', 'cpu', '256', '512'],
    ['aws_vpc', 'instance_tenancy', 'default', 'dedicated'],
    ['aws_s3_bucket', 'object_lock_configuration', [{ object_lock_enabled: 'Enabled' }], [{}]],
    ['aws_api_gateway_authorizer', 'type', 'TOKEN', 'COGNITO_USER_POOLS'],
    ['aws_ecr_lifecycle_policy', 'policy', '{"rules":[]}', '{"rules":[1]}'],
    ['aws_guardduty_detector_feature', 'additional_configuration', [agent('ENABLED')], [agent('DISABLED')]],
  ])('of %s.%s replaces', (type, name, from, to) => {
    expect(plan(type, { [name]: to }, { [name]: from }).replace).toEqual([[name]]);
  });

  test.each<[string, string, Value, Value]>([
    ['aws_route53_record', 'type', 'A', 'CNAME'],
    ['aws_route53_record', 'set_identifier', 'a', 'b'],
    ['aws_autoscaling_group', 'placement_group', 'a', 'b'],
    ['aws_eip', 'customer_owned_ipv4_pool', 'a', 'b'],
    ['aws_iam_openid_connect_provider', 'client_id_list', ['a'], ['b']],
    ['aws_ssm_parameter', 'tier', 'Standard', 'Advanced'],
    ['aws_launch_template', 'image_id', 'a', 'b'],
    ['aws_vpc', 'instance_tenancy', 'dedicated', 'default'],
    ['aws_vpc_security_group_ingress_rule', 'cidr_ipv4', '10.0.0.0/8', '10.1.0.0/16'],
    ['aws_vpc_security_group_egress_rule', 'referenced_security_group_id', 'sg-a', 'sg-b'],
    ['aws_api_gateway_authorizer', 'type', 'TOKEN', 'REQUEST'],
    ['aws_api_gateway_base_path_mapping', 'domain_name_id', 'a', 'b'],
    ['aws_ecr_repository_policy', 'policy', '{"Statement":[]}', '{"Statement":[1]}'],
  ])('of %s.%s is made in place', (type, name, from, to) => {
    const { planned, replace } = plan(type, { [name]: to }, { [name]: from });
    expect([planned[name], replace]).toEqual([to, []]);
  });
});

test.each<[string, Values, Values]>([
  ['aws_api_gateway_rest_api', {}, { put_rest_api_mode: 'overwrite' }],
  [
    'aws_api_gateway_usage_plan',
    { quota_settings: [{ limit: 9, offset: null, period: 'DAY' }] },
    { quota_settings: [{ limit: 9, offset: 0, period: 'DAY' }] },
  ],
  [
    'aws_cognito_user_pool',
    { verification_message_template: [{ default_email_option: null }] },
    {
      verification_message_template: [expect.objectContaining({ default_email_option: 'CONFIRM_WITH_CODE' })] as never,
    },
  ],
  ['aws_api_gateway_account', {}, { cloudwatch_role_arn: '' }],
  ['aws_api_gateway_method_settings', { settings: [{ logging_level: 'INFO' }] }, { settings: throttling(-1) }],
  [
    'aws_cognito_user_pool_client',
    { token_validity_units: [{ access_token: 'minutes' }] },
    { token_validity_units: [{ access_token: 'minutes', id_token: 'hours', refresh_token: 'days' }] },
  ],
  ['aws_ecs_cluster', executeCommand(null), executeCommand('DEFAULT')],
  [
    'aws_lb_listener',
    { mutual_authentication: [{ mode: 'verify' }] },
    { mutual_authentication: [expect.objectContaining({ ignore_client_certificate_expiry: false }) as never] },
  ],
  ['aws_s3_bucket_lifecycle_configuration', {}, { transition_default_minimum_object_size: 'all_storage_classes_128K' }],
  ['aws_s3_bucket', { versioning: [{}] }, { versioning: [{ enabled: false, mfa_delete: false }] }],
  [
    'aws_s3_object',
    { tags: { own: 'a' }, override_provider: [{ default_tags: [{ tags: {} }] }] },
    { tags_all: { own: 'a' } },
  ],
  ['aws_lambda_function', {}, { replace_security_groups_on_destroy: null, timeout: 3 }],
])('%s fills in what the provider fills in', (type, config, planned) => {
  expect(plan(type, config).planned).toMatchObject(planned);
});

test.each<[string, Values, Values]>([
  ['aws_api_gateway_account', { cloudwatch_role_arn: 'arn:a' }, { cloudwatch_role_arn: '' }],
  ['aws_backup_selection', backedUp, { condition: [expect.objectContaining(backedUp.condition[0] ?? {}) as never] }],
])('%s: what is taken out of the configuration', (type, before, planned) => {
  const after = plan(type, {}, before);
  expect([after.planned, after.replace]).toEqual([expect.objectContaining(planned), []]);
});

const ipv6: Values = { ipv6_association_id: UNKNOWN, ipv6_cidr_block: UNKNOWN };
const lifecycle = (rule: Values): Values => ({ rule: [{ id: 'r', status: 'Enabled', ...rule }] });
const filter = (values: Values): Values => lifecycle({ filter: [values] });
const planned = (values: Values): never => [expect.objectContaining(values)] as never;
const versioning = (status: string): Values => ({ versioning_configuration: [{ status }] });

describe('after a change', () => {
  test.each<[string, Values, Values, Values]>([
    ['aws_vpc', { assign_generated_ipv6_cidr_block: true }, {}, ipv6],
    ['aws_vpc', {}, { assign_generated_ipv6_cidr_block: true }, ipv6],
    ['aws_route', { network_interface_id: 'eni-a' }, { gateway_id: 'igw-a' }, { network_interface_id: null }],
    ['aws_route', { destination_ipv6_cidr_block: '::/0' }, { destination_ipv6_cidr_block: '0::0/0' }, {}],
    ['aws_s3_bucket', { versioning: [{ enabled: true }] }, {}, { versioning: planned({ enabled: true }) }],
    [
      'aws_s3_bucket_lifecycle_configuration',
      { transition_default_minimum_object_size: 'varies_by_storage_class' },
      {},
      { transition_default_minimum_object_size: 'all_storage_classes_128K' },
    ],
    [
      'aws_s3_bucket_lifecycle_configuration',
      lifecycle({ prefix: 'a/' }),
      filter({ prefix: 'b/' }),
      { rule: planned({ prefix: '', filter: planned({ prefix: 'b/' }) }) },
    ],
    [
      'aws_s3_bucket_lifecycle_configuration',
      filter({ prefix: 'a/' }),
      filter({}),
      { rule: planned({ filter: planned({ prefix: '' }) }) },
    ],
    [
      'aws_s3_bucket_lifecycle_configuration',
      filter({ prefix: 'a/' }),
      filter({ object_size_less_than: 9 }),
      { rule: planned({ filter: planned({ prefix: null, object_size_less_than: 9 }) }) },
    ],
    ['aws_s3_object', { bucket_key_enabled: false }, { bucket_key_enabled: true }, { version_id: UNKNOWN }],
    ['aws_s3_object', {}, { checksum_algorithm: 'SHA256' }, { version_id: UNKNOWN }],
  ])('%s of %j to %j', (type, before, config, after) => {
    const { planned, replace } = plan(type, config, before);
    expect([planned, replace]).toEqual([expect.objectContaining(after), []]);
  });

  test('the source of a security group rule cannot become one of another kind', () => {
    const { replace } = plan(
      'aws_vpc_security_group_ingress_rule',
      { prefix_list_id: 'pl-a' },
      { cidr_ipv4: '10.0.0.0/8' },
    );
    expect(replace).toEqual([['cidr_ipv4'], ['prefix_list_id']]);
  });

  test('versioning of a bucket that has some cannot be disabled', () => {
    const change = (): unknown => plan('aws_s3_bucket_versioning', versioning('Disabled'), versioning('Enabled'));
    expect(change).toThrow("versioning_configuration.status cannot be updated from 'Enabled' to 'Disabled'");
  });
});
