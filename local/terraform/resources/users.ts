import { randomBytes } from 'node:crypto';
import type { ResourceDefinition } from '../engine/definition.ts';
import { record } from '../engine/record.ts';
import { accountId, arnOf, constant, joined, now, same } from './make.ts';

const letters = (count: number): string =>
  BigInt(`0x${randomBytes(count).toString('hex')}`)
    .toString(36)
    .slice(0, count);

/** User pools: recorded, nobody can sign in. */
export const users: Readonly<Record<string, ResourceDefinition>> = {
  aws_cognito_user_pool: record('aws_cognito_user_pool', {
    forceNew: ['alias_attributes', 'name', 'username_attributes', 'username_configuration.case_sensitive'],
    computedBlocks: [
      'admin_create_user_config',
      'email_configuration',
      'lambda_config',
      'password_policy',
      'sign_in_policy',
      'sms_configuration',
      'username_configuration',
      'verification_message_template',
    ],
    oneOf: {
      deletion_protection: ['ACTIVE', 'INACTIVE'],
      mfa_configuration: ['ON', 'OFF', 'OPTIONAL'],
      user_pool_tier: ['LITE', 'ESSENTIALS', 'PLUS'],
    },
    defaults: {
      mfa_configuration: 'OFF',
      deletion_protection: 'INACTIVE',
      'verification_message_template.default_email_option': 'CONFIRM_WITH_CODE',
    },
    computed: {
      id: (_values, context) => `${context.region}_${letters(9)}`,
      arn: arnOf('cognito-idp', 'userpool/{id}'),
      endpoint: (values, context) => `cognito-idp.${context.region}.amazonaws.com/${String(values['id'])}`,
      creation_date: now,
      last_modified_date: now,
      custom_domain: constant(''),
      domain: constant(''),
      email_verification_message: constant(''),
      email_verification_subject: constant(''),
      sms_verification_message: constant(''),
      estimated_number_of_users: constant(0),
      user_pool_tier: constant('ESSENTIALS'),
    },
  }),
  aws_cognito_user_pool_client: record('aws_cognito_user_pool_client', {
    forceNew: ['generate_secret', 'user_pool_id'],
    defaults: {
      'token_validity_units.access_token': 'hours',
      'token_validity_units.id_token': 'hours',
      'token_validity_units.refresh_token': 'days',
    },
    computed: {
      id: () => letters(26),
      client_secret: ({ generate_secret }) => (generate_secret === true ? letters(52) : ''),
      // Zero: the service does not tell its own default.
      access_token_validity: constant(0),
      id_token_validity: constant(0),
      refresh_token_validity: constant(30),
      auth_session_validity: constant(3),
      allowed_oauth_flows: () => [],
      allowed_oauth_flows_user_pool_client: constant(false),
      allowed_oauth_scopes: () => [],
      callback_urls: () => [],
      default_redirect_uri: constant(''),
      enable_propagate_additional_user_context_data: constant(false),
      enable_token_revocation: constant(true),
      explicit_auth_flows: () => [],
      logout_urls: () => [],
      prevent_user_existence_errors: constant(''),
      read_attributes: () => [],
      supported_identity_providers: () => [],
      write_attributes: () => [],
    },
  }),
  aws_cognito_user_pool_domain: record('aws_cognito_user_pool_domain', {
    forceNew: ['domain', 'user_pool_id'],
    computed: {
      id: same('domain'),
      aws_account_id: accountId,
      cloudfront_distribution: joined('{domain}.cloudfront.net'),
      cloudfront_distribution_arn: constant(''),
      cloudfront_distribution_zone_id: constant('Z2FDTNDATAQYW2'),
      managed_login_version: constant(1),
      s3_bucket: constant('aws-cognito-prod'),
      version: constant('20261121'),
    },
  }),
};
