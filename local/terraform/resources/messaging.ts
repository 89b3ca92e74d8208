import type { Context, ResourceDefinition } from '../engine/definition.ts';
import { type RecordRules, record } from '../engine/record.ts';
import { conflicting } from '../engine/validate.ts';
import { requireText, type Values } from '../schema/value.ts';
import { accountId, arnOf, constant, generatedName, same, uuid } from './make.ts';

const queueUrl = (values: Values, context: Context): string =>
  `${context.cloud.endpoints.aws}/${context.cloud.accountId}/${String(values['name'])}`;

const queueDocument = (type: string, attribute: string): ResourceDefinition =>
  record(type, {
    adopts: true,
    forceNew: ['queue_url'],
    json: [attribute],
    computed: { id: same('queue_url') },
  } satisfies RecordRules);

/** Topics and queues. They are recorded only: no served API delivers messages yet. */
export const messaging: Readonly<Record<string, ResourceDefinition>> = {
  aws_sns_topic: record('aws_sns_topic', {
    defaults: { content_based_deduplication: false, fifo_topic: false },
    forceNew: ['fifo_topic', 'name', 'name_prefix'],
    json: ['policy', 'delivery_policy', 'archive_policy'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
    computed: {
      name: generatedName,
      arn: arnOf('sns', '{name}'),
      id: same('arn'),
      owner: accountId,
      policy: (values, context) => topicPolicy(requireText(values, 'arn'), context.cloud.accountId),
      signature_version: constant(0),
      tracing_config: constant(''),
    },
  }),
  aws_sns_topic_policy: record('aws_sns_topic_policy', {
    adopts: true,
    forceNew: ['arn'],
    json: ['policy'],
    computed: { id: same('arn'), owner: accountId },
  }),
  aws_sns_topic_subscription: record('aws_sns_topic_subscription', {
    defaults: { confirmation_timeout_in_minutes: 1, endpoint_auto_confirms: false, raw_message_delivery: false },
    forceNew: ['endpoint', 'protocol', 'topic_arn'],
    json: ['filter_policy', 'redrive_policy', 'delivery_policy'],
    oneOf: { protocol: ['application', 'email', 'email-json', 'firehose', 'http', 'https', 'lambda', 'sms', 'sqs'] },
    computed: {
      arn: (values, context) => `${requireText(values, 'topic_arn')}:${String(uuid(values, context))}`,
      id: same('arn'),
      owner_id: accountId,
      confirmation_was_authenticated: constant(false),
      pending_confirmation: constant(false),
    },
  }),
  aws_sqs_queue: record('aws_sqs_queue', {
    defaults: {
      content_based_deduplication: false,
      delay_seconds: 0,
      fifo_queue: false,
      max_message_size: 262144,
      message_retention_seconds: 345600,
      receive_wait_time_seconds: 0,
      visibility_timeout_seconds: 30,
    },
    forceNew: ['fifo_queue', 'name', 'name_prefix'],
    json: ['policy', 'redrive_policy', 'redrive_allow_policy'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
    computed: {
      name: generatedName,
      url: queueUrl,
      id: same('url'),
      arn: arnOf('sqs', '{name}'),
      sqs_managed_sse_enabled: (values) => !values['kms_master_key_id'],
      kms_data_key_reuse_period_seconds: constant(300),
      deduplication_scope: constant(''),
      fifo_throughput_limit: constant(''),
      policy: constant(''),
      redrive_policy: constant(''),
      redrive_allow_policy: constant(''),
    },
  }),
  aws_sqs_queue_policy: queueDocument('aws_sqs_queue_policy', 'policy'),
  aws_sqs_queue_redrive_policy: queueDocument('aws_sqs_queue_redrive_policy', 'redrive_policy'),
  aws_sqs_queue_redrive_allow_policy: queueDocument('aws_sqs_queue_redrive_allow_policy', 'redrive_allow_policy'),
};

function topicPolicy(arn: string, account: string): string {
  const actions = [
    'AddPermission',
    'DeleteTopic',
    'GetTopicAttributes',
    'ListSubscriptionsByTopic',
    'Publish',
    'RemovePermission',
    'SetTopicAttributes',
    'Subscribe',
  ];
  const statement = {
    Sid: '__default_statement_ID',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: actions.map((action) => `SNS:${action}`),
    Resource: arn,
    Condition: { StringEquals: { 'AWS:SourceOwner': account } },
  };
  return JSON.stringify({ Version: '2008-10-17', Id: '__default_policy_ID', Statement: [statement] });
}
