import { randomBytes } from 'node:crypto';
import type { Context, Problem, ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { isList, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import { constant, joined, now, same } from './make.ts';
import { attributeOf } from './network.ts';

/** Ten lower case letters and digits, as API Gateway gives them to everything. */
const apiId = (): string =>
  BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(36)
    .padStart(10, '0')
    .slice(0, 10);

/** ARNs of API Gateway name no account: `arn:aws:apigateway:us-east-1::/restapis/abc`. */
const apiArn =
  (template: string) =>
  (values: Values, context: Context): Value =>
    `arn:aws:apigateway:${context.region}::${template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))}`;

const invokeUrl = (values: Values, context: Context): Value =>
  `https://${String(values['rest_api_id'])}.execute-api.${context.region}.amazonaws.com/${String(values['stage_name'])}`;

const resourcePath = (values: Values, context: Context): Value => {
  const parent = attributeOf(context, 'aws_api_gateway_resource', values['parent_id'], 'path') ?? '';
  return `${String(parent)}/${String(values['path_part'])}`;
};

/** REST APIs: recorded, nothing answers under their address. */
export const apiGateway: Readonly<Record<string, ResourceDefinition>> = {
  aws_api_gateway_account: record('aws_api_gateway_account', {
    adopts: true,
    defaults: { cloudwatch_role_arn: '' },
    computed: { id: constant('api-gateway-account'), api_key_version: constant('4'), features: () => ['UsagePlans'] },
  }),
  aws_api_gateway_rest_api: record('aws_api_gateway_rest_api', {
    defaults: { put_rest_api_mode: 'overwrite' },
    computedBlocks: ['endpoint_configuration'],
    json: ['policy'],
    computed: {
      id: apiId,
      arn: apiArn('/restapis/{id}'),
      root_resource_id: apiId,
      execution_arn: (values, context) => context.arn('execute-api', String(values['id'])),
      created_date: now,
      api_key_source: constant('HEADER'),
      binary_media_types: () => [],
      disable_execute_api_endpoint: constant(false),
      minimum_compression_size: constant(''),
      description: constant(''),
      policy: constant(''),
    },
  }),
  aws_api_gateway_resource: record('aws_api_gateway_resource', {
    forceNew: ['rest_api_id'],
    recomputed: { path: ['parent_id', 'path_part'] },
    computed: { id: apiId, path: resourcePath },
  }),
  aws_api_gateway_authorizer: record('aws_api_gateway_authorizer', {
    defaults: {
      authorizer_result_ttl_in_seconds: 300,
      identity_source: 'method.request.header.Authorization',
      type: 'TOKEN',
    },
    forceNew: ['rest_api_id'],
    replaces: (prior, planned) => {
      const isUserPool = ({ type }: Values): boolean => type === 'COGNITO_USER_POOLS';
      return isUserPool(prior) === isUserPool(planned) ? [] : ['type'];
    },
    validate: authorizedBy,
    oneOf: { type: ['TOKEN', 'REQUEST', 'COGNITO_USER_POOLS'] },
    computed: { id: apiId, arn: apiArn('/restapis/{rest_api_id}/authorizers/{id}') },
  }),
  aws_api_gateway_request_validator: record('aws_api_gateway_request_validator', {
    defaults: { validate_request_body: false, validate_request_parameters: false },
    forceNew: ['rest_api_id'],
    computed: { id: apiId },
  }),
  aws_api_gateway_method: record('aws_api_gateway_method', {
    defaults: { api_key_required: false },
    forceNew: ['http_method', 'resource_id', 'rest_api_id'],
    computed: { id: joined('agm-{rest_api_id}-{resource_id}-{http_method}') },
  }),
  aws_api_gateway_integration: record('aws_api_gateway_integration', {
    defaults: { connection_type: 'INTERNET', timeout_milliseconds: 29000 },
    forceNew: [
      'credentials',
      'http_method',
      'integration_http_method',
      'passthrough_behavior',
      'resource_id',
      'rest_api_id',
      'type',
    ],
    oneOf: { type: ['HTTP', 'AWS', 'MOCK', 'HTTP_PROXY', 'AWS_PROXY'] },
    computed: {
      id: joined('agi-{rest_api_id}-{resource_id}-{http_method}'),
      cache_namespace: same('resource_id'),
      passthrough_behavior: constant('WHEN_NO_MATCH'),
    },
  }),
  aws_api_gateway_deployment: record('aws_api_gateway_deployment', {
    forceNew: ['rest_api_id', 'triggers', 'variables'],
    computed: { id: apiId, created_date: now },
  }),
  aws_api_gateway_stage: record('aws_api_gateway_stage', {
    forceNew: ['rest_api_id', 'stage_name'],
    computed: {
      id: joined('ags-{rest_api_id}-{stage_name}'),
      arn: apiArn('/restapis/{rest_api_id}/stages/{stage_name}'),
      execution_arn: (values, context) =>
        context.arn('execute-api', `${String(values['rest_api_id'])}/${String(values['stage_name'])}`),
      invoke_url: invokeUrl,
      web_acl_arn: constant(''),
    },
  }),
  aws_api_gateway_method_settings: record('aws_api_gateway_method_settings', {
    defaults: { 'settings.throttling_burst_limit': -1, 'settings.throttling_rate_limit': -1 },
    forceNew: ['method_path', 'rest_api_id', 'stage_name'],
    oneOf: { 'settings.logging_level': ['OFF', 'ERROR', 'INFO'] },
    computed: {
      id: joined('{rest_api_id}-{stage_name}-{method_path}'),
    },
  }),
  aws_api_gateway_client_certificate: record('aws_api_gateway_client_certificate', {
    computed: {
      id: apiId,
      arn: apiArn('/clientcertificates/{id}'),
      created_date: now,
      expiration_date: (_values, context) => new Date(context.cloud.now() + 365 * 86_400_000).toISOString(),
      pem_encoded_certificate: constant('-----BEGIN CERTIFICATE-----\nlocal\n-----END CERTIFICATE-----'),
    },
  }),
  aws_api_gateway_domain_name: record('aws_api_gateway_domain_name', {
    forceNew: ['domain_name'],
    computedBlocks: ['endpoint_configuration'],
    computed: {
      id: same('domain_name'),
      arn: apiArn('/domainnames/{domain_name}'),
      domain_name_id: constant(''),
      regional_domain_name: (_values, context) => `d-${apiId()}.execute-api.${context.region}.amazonaws.com`,
      regional_zone_id: constant('Z1UJRXOUMOOFQ8'),
      cloudfront_domain_name: constant(''),
      cloudfront_zone_id: constant('Z2FDTNDATAQYW2'),
      certificate_upload_date: now,
      ownership_verification_certificate_arn: constant(''),
      security_policy: constant('TLS_1_2'),
    },
  }),
  aws_api_gateway_base_path_mapping: record('aws_api_gateway_base_path_mapping', {
    forceNew: ['domain_name'],
    recomputed: { id: ['base_path'] },
    computed: {
      id: ({ domain_name, base_path, domain_name_id }) =>
        [domain_name, base_path ?? '', ...(domain_name_id ? [domain_name_id] : [])].join('/'),
    },
  }),
  aws_api_gateway_usage_plan: record('aws_api_gateway_usage_plan', {
    defaults: { 'quota_settings.offset': 0, 'throttle_settings.burst_limit': 0, 'throttle_settings.rate_limit': 0 },
    computed: { id: apiId, arn: apiArn('/usageplans/{id}') },
  }),
};

/** A user pool is named by its ARN, any other authorizer by the address of its function. */
function authorizedBy(config: Values): Problem[] {
  const type = config['type'] ?? 'TOKEN';
  if (type === UNKNOWN) return [];
  const name = type === 'COGNITO_USER_POOLS' ? 'provider_arns' : 'authorizer_uri';
  const value = config[name] ?? '';
  if (value !== '' && !(isList(value) && value.length === 0)) return [];
  return [{ path: [], summary: `${name} must be set non-empty when authorizer type is ${String(type)}`, detail: '' }];
}
