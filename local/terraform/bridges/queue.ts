import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { newName } from '../resources/make.ts';
import { requireText, text, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import { allTags, changed, changeTags } from './common.ts';

const SERVICE = 'sqs';
const GONE = ['QueueDoesNotExist'];

/** Terraform's name -> the queue attribute of the API. */
const NUMBERS = {
  delay_seconds: 'DelaySeconds',
  kms_data_key_reuse_period_seconds: 'KmsDataKeyReusePeriodSeconds',
  max_message_size: 'MaximumMessageSize',
  message_retention_seconds: 'MessageRetentionPeriod',
  receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
  visibility_timeout_seconds: 'VisibilityTimeout',
} as const;
const TEXTS = {
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  redrive_allow_policy: 'RedriveAllowPolicy',
  redrive_policy: 'RedrivePolicy',
} as const;
const NAMES: Readonly<Record<string, string>> = { ...NUMBERS, ...TEXTS };

/** What is set, as the API takes it. */
function attributesOf(values: Values): Record<string, string> {
  const entries = Object.entries(NAMES).map(([name, attribute]): [string, Value] => [attribute, values[name] ?? null]);
  return Object.fromEntries(
    entries
      .filter(([, value]) => value !== null && value !== '' && value !== UNKNOWN)
      .map(([name, value]) => [name, String(value)]),
  );
}

const backend: Backend = {
  async create(planned, context) {
    const name = text(planned, 'name') ?? newName(planned);
    const { QueueUrl } = await context.call<{ QueueUrl: string }>(SERVICE, 'CreateQueue', {
      QueueName: name,
      Attributes: attributesOf(planned),
      tags: allTags(planned),
    });
    return { id: QueueUrl, url: QueueUrl, name };
  },
  async read(state, context) {
    const url = requireText(state, 'id');
    const attributes = await readAttributes(url, context);
    if (!attributes) return undefined;
    const { Tags = {} } = await context.call<{ Tags?: Values }>(SERVICE, 'ListQueueTags', { QueueUrl: url });
    const numbers = Object.entries(NUMBERS).map(([name, key]) => [name, Number(attributes[key] ?? 300)]);
    const texts = Object.entries(TEXTS).map(([name, key]) => [name, attributes[key] ?? '']);
    return {
      ...Object.fromEntries(numbers),
      ...Object.fromEntries(texts),
      kms_master_key_id: attributes['KmsMasterKeyId'] ?? null,
      name: attributes['QueueArn']?.split(':').at(-1) ?? null,
      arn: attributes['QueueArn'] ?? null,
      url,
      fifo_queue: false,
      content_based_deduplication: false,
      deduplication_scope: '',
      fifo_throughput_limit: '',
      sqs_managed_sse_enabled: attributes['SqsManagedSseEnabled'] === 'true',
      tags_all: Tags,
    };
  },
  async update(prior, planned, context) {
    const QueueUrl = requireText(prior, 'id');
    if (changed(prior, planned, Object.keys(NAMES))) {
      const cleared = Object.fromEntries(Object.keys(attributesOf(prior)).map((name) => [name, '']));
      const Attributes = { ...cleared, ...attributesOf(planned) };
      await context.call(SERVICE, 'SetQueueAttributes', { QueueUrl, Attributes });
    }
    await changeTags(prior, planned, {
      set: (_list, Tags) => context.call(SERVICE, 'TagQueue', { QueueUrl, Tags }),
      remove: (TagKeys) => context.call(SERVICE, 'UntagQueue', { QueueUrl, TagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteQueue', { QueueUrl: requireText(state, 'id') }));
  },
};

async function readAttributes(url: string, context: Context): Promise<Record<string, string> | undefined> {
  const input = { QueueUrl: url, AttributeNames: ['All'] };
  const answer = await absentOn(GONE, () =>
    context.call<{ Attributes: Record<string, string> }>(SERVICE, 'GetQueueAttributes', input),
  );
  return answer?.Attributes;
}

const sqsQueue: ResourceDefinition = {
  backend,
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
};

/** One attribute of a queue as a resource of its own. */
function queueDocument(name: keyof typeof TEXTS): ResourceDefinition {
  const attribute = TEXTS[name];
  const set = (QueueUrl: string, value: string, context: Context): Promise<unknown> =>
    context.call(SERVICE, 'SetQueueAttributes', { QueueUrl, Attributes: { [attribute]: value } });
  return {
    forceNew: ['queue_url'],
    json: [name],
    backend: {
      async create(planned, context) {
        const url = requireText(planned, 'queue_url');
        await set(url, requireText(planned, name), context);
        return { id: url };
      },
      async read(state, context) {
        const url = requireText(state, 'id');
        const value = (await readAttributes(url, context))?.[attribute];
        return value === undefined ? undefined : { queue_url: url, [name]: value };
      },
      async update(prior, planned, context) {
        await set(requireText(prior, 'id'), requireText(planned, name), context);
        return {};
      },
      async delete(state, context) {
        await absentOn(GONE, () => set(requireText(state, 'id'), '', context));
      },
    },
  };
}

export const queues: Readonly<Record<string, ResourceDefinition>> = {
  aws_sqs_queue: sqsQueue,
  aws_sqs_queue_policy: queueDocument('policy'),
  aws_sqs_queue_redrive_allow_policy: queueDocument('redrive_allow_policy'),
  aws_sqs_queue_redrive_policy: queueDocument('redrive_policy'),
};
