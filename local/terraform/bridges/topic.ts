import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { newName } from '../resources/make.ts';
import { requireText, text, UNKNOWN, type Values } from '../schema/value.ts';
import { changed, changeTags, tagList, tagsFrom } from './common.ts';

const SERVICE = 'sns';
const GONE = ['NotFoundException'];

/** Terraform's name -> the attribute of the API. */
const TOPIC: Readonly<Record<string, string>> = {
  delivery_policy: 'DeliveryPolicy',
  display_name: 'DisplayName',
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  signature_version: 'SignatureVersion',
  tracing_config: 'TracingConfig',
};
const SUBSCRIPTION: Readonly<Record<string, string>> = {
  delivery_policy: 'DeliveryPolicy',
  filter_policy: 'FilterPolicy',
  filter_policy_scope: 'FilterPolicyScope',
  raw_message_delivery: 'RawMessageDelivery',
  redrive_policy: 'RedrivePolicy',
};

const isGiven = (value: unknown): boolean => value !== null && value !== undefined && value !== '' && value !== UNKNOWN;

function attributesOf(values: Values, names: Readonly<Record<string, string>>): Record<string, string> {
  const given = Object.entries(names).filter(([name]) => isGiven(values[name]));
  return Object.fromEntries(given.map(([name, attribute]) => [attribute, String(values[name])]));
}

/** Names and new values of the attributes that differ; an empty text takes one away. */
function changesOf(prior: Values, planned: Values, names: Readonly<Record<string, string>>): [string, string][] {
  const different = Object.entries(names).filter(([name]) => changed(prior, planned, [name]));
  return different.map(([name, attribute]) => [attribute, isGiven(planned[name]) ? String(planned[name]) : '']);
}

type Attributes = { readonly Attributes: Readonly<Record<string, string>> };

const topicBackend: Backend = {
  async create(planned, context) {
    const name = text(planned, 'name') ?? newName(planned);
    const Attributes = attributesOf(planned, TOPIC);
    const input = { Name: name, Attributes, Tags: tagList(planned) };
    const { TopicArn } = await context.call<{ TopicArn: string }>(SERVICE, 'CreateTopic', input);
    return { id: TopicArn, arn: TopicArn, name };
  },
  async read(state, context) {
    const arn = requireText(state, 'id');
    const answer = await absentOn(GONE, () =>
      context.call<Attributes>(SERVICE, 'GetTopicAttributes', { TopicArn: arn }),
    );
    if (!answer) return undefined;
    const { Tags } = await context.call<{ Tags?: { Key: string; Value: string }[] }>(SERVICE, 'ListTagsForResource', {
      ResourceArn: arn,
    });
    const { Attributes } = answer;
    return {
      arn,
      name: arn.split(':').at(-1) ?? '',
      owner: context.cloud.accountId,
      display_name: Attributes['DisplayName'] || null,
      delivery_policy: Attributes['DeliveryPolicy'] ?? null,
      kms_master_key_id: Attributes['KmsMasterKeyId'] ?? null,
      policy: Attributes['Policy'] ?? defaultPolicy(arn, context.cloud.accountId),
      signature_version: Number(Attributes['SignatureVersion'] ?? 0),
      tracing_config: Attributes['TracingConfig'] ?? '',
      beginning_archive_time: '',
      tags_all: tagsFrom(Tags),
    };
  },
  async update(prior, planned, context) {
    const TopicArn = requireText(prior, 'id');
    for (const [AttributeName, AttributeValue] of changesOf(prior, planned, TOPIC))
      await context.call(SERVICE, 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });
    await changeTags(prior, planned, {
      set: (Tags) => context.call(SERVICE, 'TagResource', { ResourceArn: TopicArn, Tags }),
      remove: (TagKeys) => context.call(SERVICE, 'UntagResource', { ResourceArn: TopicArn, TagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteTopic', { TopicArn: requireText(state, 'id') }));
  },
};

const policyBackend: Backend = {
  async create(planned, context) {
    const arn = requireText(planned, 'arn');
    await setPolicy(arn, requireText(planned, 'policy'), context);
    return { id: arn };
  },
  async read(state, context) {
    const arn = requireText(state, 'id');
    const answer = await absentOn(GONE, () =>
      context.call<Attributes>(SERVICE, 'GetTopicAttributes', { TopicArn: arn }),
    );
    const policy = answer?.Attributes['Policy'];
    return policy === undefined ? undefined : { arn, policy, owner: context.cloud.accountId };
  },
  async update(prior, planned, context) {
    await setPolicy(requireText(prior, 'id'), requireText(planned, 'policy'), context);
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => setPolicy(requireText(state, 'id'), '', context));
  },
};

const setPolicy = (TopicArn: string, AttributeValue: string, context: Context): Promise<unknown> =>
  context.call(SERVICE, 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });

const subscriptionBackend: Backend = {
  async create(planned, context) {
    const { SubscriptionArn } = await context.call<{ SubscriptionArn: string }>(SERVICE, 'Subscribe', {
      TopicArn: requireText(planned, 'topic_arn'),
      Protocol: requireText(planned, 'protocol'),
      Endpoint: requireText(planned, 'endpoint'),
      Attributes: attributesOf(planned, SUBSCRIPTION),
    });
    return { id: SubscriptionArn, arn: SubscriptionArn };
  },
  async read(state, context) {
    const arn = requireText(state, 'id');
    const answer = await absentOn(GONE, () =>
      context.call<Attributes>(SERVICE, 'GetSubscriptionAttributes', { SubscriptionArn: arn }),
    );
    if (!answer) return undefined;
    const { Attributes } = answer;
    const texts = Object.entries(SUBSCRIPTION).map(([name, attribute]) => [name, Attributes[attribute] ?? null]);
    return {
      ...Object.fromEntries(texts),
      raw_message_delivery: Attributes['RawMessageDelivery'] === 'true',
      arn,
      topic_arn: Attributes['TopicArn'] ?? null,
      protocol: Attributes['Protocol'] ?? null,
      endpoint: Attributes['Endpoint'] ?? null,
      owner_id: context.cloud.accountId,
      confirmation_was_authenticated: true,
      pending_confirmation: false,
    };
  },
  async update(prior, planned, context) {
    const SubscriptionArn = requireText(prior, 'id');
    for (const [AttributeName, AttributeValue] of changesOf(prior, planned, SUBSCRIPTION))
      await context.call(SERVICE, 'SetSubscriptionAttributes', { SubscriptionArn, AttributeName, AttributeValue });
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(SERVICE, 'Unsubscribe', { SubscriptionArn: requireText(state, 'id') }));
  },
};

export const topics: Readonly<Record<string, ResourceDefinition>> = {
  aws_sns_topic: {
    backend: topicBackend,
    defaults: { content_based_deduplication: false, fifo_topic: false },
    forceNew: ['fifo_topic', 'name', 'name_prefix'],
    json: ['policy', 'delivery_policy', 'archive_policy'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
  },
  aws_sns_topic_policy: { backend: policyBackend, forceNew: ['arn'], json: ['policy'] },
  aws_sns_topic_subscription: {
    backend: subscriptionBackend,
    defaults: { confirmation_timeout_in_minutes: 1, endpoint_auto_confirms: false, raw_message_delivery: false },
    forceNew: ['endpoint', 'protocol', 'topic_arn'],
    json: ['filter_policy', 'redrive_policy', 'delivery_policy'],
    oneOf: { protocol: ['application', 'email', 'email-json', 'firehose', 'http', 'https', 'lambda', 'sms', 'sqs'] },
  },
};

/** What SNS gives a topic that was created without a policy. */
function defaultPolicy(arn: string, account: string): string {
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
