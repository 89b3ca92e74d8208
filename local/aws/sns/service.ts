import { randomUUID } from 'node:crypto';
import type * as sns from '@aws-sdk/client-sns';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { AwsService } from '../kit/service.ts';
import { tagPairs, tagsOf, withoutTags } from '../kit/tags.ts';
import { publishOperations } from './publish.ts';
import {
  checkSubscriptionAttributes,
  checkTopicAttributes,
  invalid,
  openTopics,
  PROTOCOLS,
  type Subscription,
  type Topics,
  topicArn,
} from './topics.ts';

const PAGE = 100;

/** Simple Notification Service, standard topics. https://docs.aws.amazon.com/sns/latest/api/ */
export function createSnsService(cloud: Cloud): AwsService {
  const topics = openTopics(cloud);
  return {
    name: 'sns',
    operations: {
      ...topicOperations(cloud, topics),
      ...subscriptionOperations(cloud, topics),
      ...publishOperations(cloud, topics),
    },
  };
}

function topicOperations(cloud: Cloud, topics: Topics) {
  return {
    CreateTopic(input: Input<sns.CreateTopicInput>): sns.CreateTopicResponse {
      const arn = topicArn(cloud, input.Name);
      const attributes = input.Attributes ?? {};
      checkTopicAttributes(attributes);
      const known = topics.all().find((topic) => topic.arn === arn);
      if (known && Object.entries(attributes).some(([name, value]) => known.attributes[name] !== value)) {
        throw invalid('Attributes Reason: Topic already exists with different attributes');
      }
      if (!known) topics.save({ name: input.Name, arn, attributes, tags: tagsOf(input.Tags) });
      return { TopicArn: arn };
    },
    DeleteTopic({ TopicArn }: Input<sns.DeleteTopicInput>) {
      topics.remove(TopicArn);
      return {};
    },
    ListTopics(input: Input<sns.ListTopicsInput>): sns.ListTopicsResponse {
      const { items, next } = page(topics.all(), { key: ({ arn }) => arn, after: input.NextToken, limit: PAGE });
      return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: next };
    },
    GetTopicAttributes({ TopicArn }: Input<sns.GetTopicAttributesInput>): sns.GetTopicAttributesResponse {
      const { arn, attributes } = topics.find(TopicArn);
      const confirmed = topics.subscriptions(arn).length;
      const numbers = {
        SubscriptionsConfirmed: String(confirmed),
        SubscriptionsPending: '0',
        SubscriptionsDeleted: '0',
      };
      return { Attributes: { TopicArn: arn, Owner: cloud.accountId, DisplayName: '', ...attributes, ...numbers } };
    },
    SetTopicAttributes(input: Input<sns.SetTopicAttributesInput>) {
      const topic = topics.find(input.TopicArn);
      const change = { [input.AttributeName]: input.AttributeValue ?? '' };
      checkTopicAttributes(change);
      topics.save({ ...topic, attributes: withoutEmpty({ ...topic.attributes, ...change }) });
      return {};
    },
    TagResource(input: Input<sns.TagResourceRequest>) {
      const topic = topics.find(input.ResourceArn);
      topics.save({ ...topic, tags: { ...topic.tags, ...tagsOf(input.Tags) } });
      return {};
    },
    UntagResource(input: Input<sns.UntagResourceRequest>) {
      const topic = topics.find(input.ResourceArn);
      topics.save({ ...topic, tags: withoutTags(topic.tags, input.TagKeys) });
      return {};
    },
    ListTagsForResource: (input: Input<sns.ListTagsForResourceRequest>): sns.ListTagsForResourceResponse => ({
      Tags: tagPairs(topics.find(input.ResourceArn).tags),
    }),
  };
}

function subscriptionOperations(cloud: Cloud, topics: Topics) {
  return {
    Subscribe(input: Input<sns.SubscribeInput>): sns.SubscribeResponse {
      const topic = topics.find(input.TopicArn);
      const protocol = PROTOCOLS.find((known) => known === input.Protocol);
      if (!protocol) throw invalid(`Amazon SNS does not support this protocol string: ${input.Protocol}`);
      const endpoint = input.Endpoint ?? '';
      if (endpoint === '') throw invalid('Endpoint');
      const attributes = input.Attributes ?? {};
      checkSubscriptionAttributes(attributes);
      const known = topics
        .subscriptions(topic.arn)
        .find((each) => each.protocol === protocol && each.endpoint === endpoint);
      const arn = known?.arn ?? `${topic.arn}:${randomUUID()}`;
      topics.saveSubscription({ arn, topic: topic.arn, protocol, endpoint, attributes });
      return { SubscriptionArn: arn };
    },
    Unsubscribe({ SubscriptionArn }: Input<sns.UnsubscribeInput>) {
      topics.removeSubscription(SubscriptionArn);
      return {};
    },
    ListSubscriptions: (input: Input<sns.ListSubscriptionsInput>): sns.ListSubscriptionsResponse =>
      listSubscriptions(cloud, topics.subscriptions(), input.NextToken),
    ListSubscriptionsByTopic: (input: Input<sns.ListSubscriptionsByTopicInput>): sns.ListSubscriptionsByTopicResponse =>
      listSubscriptions(cloud, topics.subscriptions(topics.find(input.TopicArn).arn), input.NextToken),
    GetSubscriptionAttributes(input: Input<sns.GetSubscriptionAttributesInput>): sns.GetSubscriptionAttributesResponse {
      const { arn, topic, protocol, endpoint, attributes } = topics.findSubscription(input.SubscriptionArn);
      const fixed = { SubscriptionArn: arn, TopicArn: topic, Protocol: protocol, Endpoint: endpoint };
      const states = { Owner: cloud.accountId, PendingConfirmation: 'false', ConfirmationWasAuthenticated: 'true' };
      return { Attributes: { RawMessageDelivery: 'false', ...attributes, ...fixed, ...states } };
    },
    SetSubscriptionAttributes(input: Input<sns.SetSubscriptionAttributesInput>) {
      const subscription = topics.findSubscription(input.SubscriptionArn);
      const change = { [input.AttributeName]: input.AttributeValue ?? '' };
      checkSubscriptionAttributes(change);
      const attributes = withoutEmpty({ ...subscription.attributes, ...change });
      topics.saveSubscription({ ...subscription, attributes });
      return {};
    },
  };
}

function listSubscriptions(cloud: Cloud, all: readonly Subscription[], after: string | undefined) {
  const { items, next } = page(all, { key: ({ arn }) => arn, after, limit: PAGE });
  const Subscriptions = items.map(({ arn, topic, protocol, endpoint }) => ({
    SubscriptionArn: arn,
    TopicArn: topic,
    Protocol: protocol,
    Endpoint: endpoint,
    Owner: cloud.accountId,
  }));
  return { Subscriptions, NextToken: next };
}

function withoutEmpty(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
