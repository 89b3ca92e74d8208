import type { Cloud } from '../../cloud.ts';
import { arn } from '../kit/arn.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

/** A standard topic as it is kept. */
export interface Topic {
  readonly name: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Tags;
}

export const PROTOCOLS = ['sqs', 'lambda', 'http', 'https', 'email', 'email-json', 'sms'] as const;
export type SubscriptionProtocol = (typeof PROTOCOLS)[number];

export interface Subscription {
  readonly arn: string;
  readonly topic: string;
  readonly protocol: SubscriptionProtocol;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Topics {
  all(): Topic[];
  /** @throws AwsError NotFound */
  find(topicArn: string): Topic;
  save(topic: Topic): void;
  remove(topicArn: string): void;
  subscriptions(topicArn?: string): Subscription[];
  /** @throws AwsError NotFound */
  findSubscription(subscriptionArn: string): Subscription;
  saveSubscription(subscription: Subscription): void;
  removeSubscription(subscriptionArn: string): void;
}

const TOPIC_ATTRIBUTES = new Set([
  'DeliveryPolicy',
  'DisplayName',
  'KmsMasterKeyId',
  'Policy',
  'SignatureVersion',
  'TracingConfig',
]);
const SUBSCRIPTION_ATTRIBUTES = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
]);

export function openTopics(cloud: Cloud): Topics {
  const topics = cloud.store.collection<Topic>('sns/topics');
  const subscriptions = cloud.store.collection<Subscription>('sns/subscriptions');
  const found = <Item>(item: Item | undefined, what: string): Item => {
    if (!item) throw new AwsError('NotFoundException', `${what} does not exist`, { status: 404 });
    return item;
  };
  return {
    all: () => topics.entries().map(([, topic]) => topic),
    find: (topicArn) => found(topics.get(topicArn), 'Topic'),
    save: (topic) => topics.set(topic.arn, topic),
    remove(topicArn) {
      for (const [key] of subscriptions.entries(`${topicArn}:`)) subscriptions.delete(key);
      topics.delete(topicArn);
    },
    subscriptions: (topicArn) =>
      subscriptions.entries(topicArn === undefined ? '' : `${topicArn}:`).map(([, subscription]) => subscription),
    findSubscription: (subscriptionArn) => found(subscriptions.get(subscriptionArn), 'Subscription'),
    saveSubscription: (subscription) => subscriptions.set(subscription.arn, subscription),
    removeSubscription: (subscriptionArn) => void subscriptions.delete(subscriptionArn),
  };
}

export const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterException', `Invalid parameter: ${message}`);

/** @throws AwsError for names that SNS would not take; FIFO topics are not played. */
export function topicArn(cloud: Cloud, name: string): string {
  if (name.endsWith('.fifo')) {
    throw new AwsError('UnsupportedOperation', 'FIFO topics are not supported by the local cloud', { status: 501 });
  }
  if (!/^[\w-]{1,256}$/.test(name)) throw invalid(`Topic Name ${JSON.stringify(name)}`);
  return arn(cloud, 'sns', name);
}

export function checkTopicAttributes(attributes: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(attributes)) if (!TOPIC_ATTRIBUTES.has(name)) throw invalid(`AttributeName ${name}`);
}

export function checkSubscriptionAttributes(attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!SUBSCRIPTION_ATTRIBUTES.has(name)) throw invalid(`AttributeName ${name}`);
    if (name === 'FilterPolicy' && value !== '') readFilter(value);
  }
}

/** Attribute name -> conditions, any of which has to hold. */
export type Filter = Readonly<Record<string, readonly unknown[]>>;

export function readFilter(text: string): Filter {
  try {
    const filter: unknown = JSON.parse(text);
    if (typeof filter === 'object' && filter !== null && Object.values(filter).every(Array.isArray)) {
      return filter as Filter;
    }
  } catch {}
  throw invalid('FilterPolicy: every attribute needs a list of conditions');
}
