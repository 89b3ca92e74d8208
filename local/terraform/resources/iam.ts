import type { ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { conflicting } from '../engine/validate.ts';
import { text } from '../schema/value.ts';
import { arnOf, constant, generatedName, iamId, joined, now, same } from './make.ts';

/** Roles, policies, and who may assume what. The STS stand-in reads `terraform/aws_iam_role`. */
export const iam: Readonly<Record<string, ResourceDefinition>> = {
  aws_iam_role: record('aws_iam_role', {
    defaults: { force_detach_policies: false, max_session_duration: 3600, path: '/' },
    forceNew: ['name', 'name_prefix', 'path'],
    json: ['assume_role_policy', 'inline_policy.policy'],
    computedBlocks: ['inline_policy'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
    computed: {
      name: generatedName,
      id: same('name'),
      arn: arnOf('iam', 'role{path}{name}', 'global'),
      unique_id: iamId('AROA'),
      create_date: now,
      managed_policy_arns: () => [],
    },
  }),
  aws_iam_policy: record('aws_iam_policy', {
    defaults: { path: '/' },
    forceNew: ['description', 'name', 'name_prefix', 'path'],
    json: ['policy'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
    computed: {
      name: generatedName,
      arn: arnOf('iam', 'policy{path}{name}', 'global'),
      id: same('arn'),
      policy_id: iamId('ANPA'),
      attachment_count: constant(0),
    },
  }),
  aws_iam_role_policy: record('aws_iam_role_policy', {
    forceNew: ['name', 'name_prefix', 'role'],
    json: ['policy'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
    computed: { name: generatedName, id: joined('{role}:{name}') },
  }),
  aws_iam_role_policy_attachment: record('aws_iam_role_policy_attachment', {
    adopts: true,
    forceNew: ['policy_arn', 'role'],
    computed: { id: joined('{role}/{policy_arn}') },
  }),
  aws_iam_role_policies_exclusive: record('aws_iam_role_policies_exclusive', {
    adopts: true,
    forceNew: ['role_name'],
    computed: { id: same('role_name') },
  }),
  aws_iam_role_policy_attachments_exclusive: record('aws_iam_role_policy_attachments_exclusive', {
    adopts: true,
    forceNew: ['role_name'],
    computed: { id: same('role_name') },
  }),
  aws_iam_instance_profile: record('aws_iam_instance_profile', {
    defaults: { path: '/' },
    forceNew: ['name', 'name_prefix', 'path'],
    computed: {
      name: generatedName,
      id: same('name'),
      arn: arnOf('iam', 'instance-profile{path}{name}', 'global'),
      unique_id: iamId('AIPA'),
      create_date: now,
    },
  }),
  aws_iam_openid_connect_provider: record('aws_iam_openid_connect_provider', {
    forceNew: ['url'],
    equivalent: { url: (left, right) => withoutScheme(left) === withoutScheme(right) },
    computed: {
      arn: (values, context) => context.arn('iam', `oidc-provider/${withoutScheme(text(values, 'url'))}`, 'global'),
      id: same('arn'),
      thumbprint_list: () => [],
    },
  }),
  aws_iam_service_linked_role: record('aws_iam_service_linked_role', {
    forceNew: ['aws_service_name', 'custom_suffix'],
    computed: {
      path: joined('/aws-service-role/{aws_service_name}/'),
      name: (values) => `AWSServiceRoleFor${String(values['aws_service_name']).split('.')[0]}`,
      arn: arnOf('iam', 'role{path}{name}', 'global'),
      id: same('arn'),
      unique_id: iamId('AROA'),
      create_date: now,
    },
  }),
  aws_iam_account_password_policy: record('aws_iam_account_password_policy', {
    adopts: true,
    defaults: { allow_users_to_change_password: true, minimum_password_length: 6 },
    recomputed: { expire_passwords: ['max_password_age'] },
    computed: {
      id: constant('iam-account-password-policy'),
      hard_expiry: constant(false),
      max_password_age: constant(0),
      password_reuse_prevention: constant(0),
      require_lowercase_characters: constant(false),
      require_numbers: constant(false),
      require_symbols: constant(false),
      require_uppercase_characters: constant(false),
      expire_passwords: (values) => Number(values['max_password_age']) > 0,
    },
  }),
  aws_iam_account_alias: record('aws_iam_account_alias', {
    forceNew: ['account_alias'],
    computed: { id: same('account_alias') },
  }),
  aws_accessanalyzer_analyzer: record('aws_accessanalyzer_analyzer', {
    defaults: { type: 'ACCOUNT' },
    forceNew: ['analyzer_name', 'configuration', 'type'],
    oneOf: {
      type: [
        'ACCOUNT',
        'ORGANIZATION',
        'ACCOUNT_UNUSED_ACCESS',
        'ORGANIZATION_UNUSED_ACCESS',
        'ACCOUNT_INTERNAL_ACCESS',
        'ORGANIZATION_INTERNAL_ACCESS',
      ],
    },
    computed: { id: same('analyzer_name'), arn: arnOf('access-analyzer', 'analyzer/{analyzer_name}') },
  }),
};

const withoutScheme = (url: unknown): string => String(url).replace(/^https:\/\//, '');
