import type { ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { exactlyOne } from '../engine/validate.ts';
import { text, type Values } from '../schema/value.ts';
import { accountId, arnOf, constant, generatedName, joined, newName, same, uuid } from './make.ts';

/** Keys, the web application firewall and the services that watch an account. */
export const security: Readonly<Record<string, ResourceDefinition>> = {
  aws_kms_key: record('aws_kms_key', {
    defaults: {
      bypass_policy_lockout_safety_check: false,
      customer_master_key_spec: 'SYMMETRIC_DEFAULT',
      enable_key_rotation: false,
      is_enabled: true,
      key_usage: 'ENCRYPT_DECRYPT',
    },
    forceNew: ['custom_key_store_id', 'customer_master_key_spec', 'key_usage', 'multi_region', 'xks_key_id'],
    json: ['policy'],
    oneOf: { key_usage: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] },
    computed: {
      id: uuid,
      key_id: same('id'),
      arn: arnOf('kms', 'key/{id}'),
      multi_region: constant(false),
      rotation_period_in_days: (values) => (values['enable_key_rotation'] === true ? 365 : null),
      policy: (_values, context) => defaultKeyPolicy(context.cloud.accountId),
    },
  }),
  aws_kms_alias: record('aws_kms_alias', {
    forceNew: ['name', 'name_prefix'],
    equivalent: { target_key_id: (left, right) => keyId(left) === keyId(right) },
    recomputed: { target_key_arn: ['target_key_id'] },
    validate: (config) => {
      const name = text(config, 'name');
      if (!name || name.startsWith('alias/')) return [];
      return [{ path: ['name'], summary: '"name" must begin with \'alias/\'', detail: `got ${name}` }];
    },
    computed: {
      name: (values) => newName(values, { fallback: 'alias/' }),
      id: same('name'),
      arn: arnOf('kms', '{name}'),
      target_key_arn: (values, context) => context.arn('kms', `key/${keyId(values['target_key_id'])}`),
    },
  }),
  aws_kms_key_policy: record('aws_kms_key_policy', {
    adopts: true,
    defaults: { bypass_policy_lockout_safety_check: false },
    forceNew: ['key_id'],
    json: ['policy'],
    computed: { id: same('key_id') },
  }),
  aws_wafv2_web_acl: record('aws_wafv2_web_acl', {
    forceNew: ['name', 'name_prefix', 'scope'],
    oneOf: { scope: ['CLOUDFRONT', 'REGIONAL'] },
    validate: (config) => (config['default_action'] ? exactlyOne(defaultAction(config), ['allow', 'block']) : []),
    computed: {
      name: generatedName,
      id: uuid,
      arn: (values, context) => wafArn('webacl', values, context),
      capacity: (values) => 10 * (Array.isArray(values['rule']) ? values['rule'].length : 0),
      lock_token: uuid,
      application_integration_url: constant(''),
    },
    refreshed: ['lock_token', 'capacity'],
  }),
  aws_wafv2_web_acl_association: record('aws_wafv2_web_acl_association', {
    forceNew: ['resource_arn', 'web_acl_arn'],
    computed: { id: joined('{web_acl_arn},{resource_arn}') },
  }),
  aws_wafv2_web_acl_logging_configuration: record('aws_wafv2_web_acl_logging_configuration', {
    forceNew: ['log_destination_configs', 'resource_arn'],
    computed: { id: same('resource_arn') },
  }),
  aws_wafv2_ip_set: record('aws_wafv2_ip_set', {
    forceNew: ['ip_address_version', 'name', 'name_prefix', 'scope'],
    oneOf: { scope: ['CLOUDFRONT', 'REGIONAL'], ip_address_version: ['IPV4', 'IPV6'] },
    computed: {
      name: generatedName,
      id: uuid,
      arn: (values, context) => wafArn('ipset', values, context),
      lock_token: uuid,
    },
    refreshed: ['lock_token'],
  }),
  aws_guardduty_detector: record('aws_guardduty_detector', {
    defaults: { enable: true },
    computedBlocks: ['datasources'],
    oneOf: { finding_publishing_frequency: ['FIFTEEN_MINUTES', 'ONE_HOUR', 'SIX_HOURS'] },
    computed: {
      id: (values, context) => String(uuid(values, context)).replaceAll('-', ''),
      account_id: accountId,
      arn: arnOf('guardduty', 'detector/{id}'),
      finding_publishing_frequency: constant('SIX_HOURS'),
    },
  }),
  aws_guardduty_detector_feature: record('aws_guardduty_detector_feature', {
    adopts: true,
    // Only the name in it does, but an element of a set that changes at all is another element.
    forceNew: ['additional_configuration', 'detector_id', 'name'],
    oneOf: { status: ['ENABLED', 'DISABLED'] },
    computed: { id: joined('{detector_id}/{name}') },
  }),
  aws_securityhub_account: record('aws_securityhub_account', {
    defaults: { auto_enable_controls: true, enable_default_standards: true },
    forceNew: ['enable_default_standards'],
    computed: {
      id: accountId,
      arn: arnOf('securityhub', 'hub/default'),
      control_finding_generator: constant('SECURITY_CONTROL'),
    },
  }),
  aws_inspector2_enabler: record('aws_inspector2_enabler', {
    adopts: true,
    forceNew: ['account_ids'],
    computed: {
      id: (values) => `${[values['account_ids']].flat().join(':')}-${[values['resource_types']].flat().join(':')}`,
    },
  }),
};

const keyId = (value: unknown): string => String(value).replace(/^arn:.*:key\//, '');

function defaultAction(config: Values): Values {
  const [action] = [config['default_action']].flat();
  const parts = action as Values | undefined;
  const set = (name: string) => (Array.isArray(parts?.[name]) && parts[name].length > 0 ? true : null);
  return { allow: set('allow'), block: set('block') };
}

function wafArn(kind: string, values: Values, context: { arn: (service: string, resource: string) => string }): string {
  const scope = values['scope'] === 'CLOUDFRONT' ? 'global' : 'regional';
  return context.arn('wafv2', `${scope}/${kind}/${String(values['name'])}/${String(values['id'])}`);
}

function defaultKeyPolicy(account: string): string {
  const root = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  return JSON.stringify({ Id: 'key-default-1', Statement: [root], Version: '2012-10-17' });
}
