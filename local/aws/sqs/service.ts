import type * as sqs from '@aws-sdk/client-sqs';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import { AwsError, type AwsService } from '../kit/service.ts';
import { withoutTags } from '../kit/tags.ts';
import { deliveryOperations } from './delivery.ts';
import { type Messages, openMessages } from './messages.ts';
import { checkAttributes, checkName, describeQueue, noSuchQueue, type Queue, queueName, queueUrl } from './queues.ts';

export interface Queues {
  readonly messages: Messages;
  /** By URL, ARN or name. @throws AwsError when there is none. */
  find(reference: string): Queue;
}

/** Simple Queue Service, standard queues. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ */
export function createSqsService(cloud: Cloud): AwsService {
  const stored = cloud.store.collection<Queue>('sqs/queues');
  const messages = openMessages(cloud, (name) => stored.get(name));
  const find = (reference: string): Queue => {
    const queue = stored.get(queueName(reference));
    if (!queue) throw noSuchQueue();
    return queue;
  };
  const change = (reference: string, edit: (queue: Queue) => Partial<Queue>): object => {
    const queue = find(reference);
    stored.set(queue.name, { ...queue, ...edit(queue) });
    return {};
  };
  return {
    name: 'sqs',
    operations: {
      CreateQueue(input: Input<sqs.CreateQueueRequest>): sqs.CreateQueueResult {
        const { QueueName: name, Attributes: attributes = {} } = input;
        checkName(name);
        checkAttributes(attributes);
        const known = stored.get(name);
        if (known && !sameAttributes(cloud, known, attributes)) {
          throw new AwsError('QueueNameExists', 'A queue already exists with the same name and a different value.');
        }
        const now = cloud.now();
        if (!known) stored.set(name, { name, attributes, tags: input.tags ?? {}, created: now, modified: now });
        return { QueueUrl: queueUrl(cloud, name) };
      },
      DeleteQueue(input: Input<sqs.DeleteQueueRequest>) {
        const { name } = find(input.QueueUrl);
        messages.purge(name);
        stored.delete(name);
        return {};
      },
      GetQueueUrl: (input: Input<sqs.GetQueueUrlRequest>): sqs.GetQueueUrlResult => ({
        QueueUrl: queueUrl(cloud, find(input.QueueName).name),
      }),
      ListQueues(input: Input<sqs.ListQueuesRequest>): sqs.ListQueuesResult {
        const names = stored.entries(input.QueueNamePrefix).map(([name]) => name);
        const { items, next } = page(names, {
          key: (name) => name,
          after: input.NextToken,
          limit: input.MaxResults ?? 1000,
        });
        return { QueueUrls: items.map((name) => queueUrl(cloud, name)), NextToken: next };
      },
      GetQueueAttributes(input: Input<sqs.GetQueueAttributesRequest>): sqs.GetQueueAttributesResult {
        const queue = find(input.QueueUrl);
        const { waiting, inFlight, delayed } = messages.count(queue);
        const all: Record<string, string> = {
          ...describeQueue(cloud, queue),
          ApproximateNumberOfMessages: String(waiting),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          ApproximateNumberOfMessagesDelayed: String(delayed),
        };
        const wanted: readonly string[] = input.AttributeNames ?? [];
        const isWanted = ([name]: [string, string]): boolean => wanted.includes('All') || wanted.includes(name);
        return { Attributes: Object.fromEntries(Object.entries(all).filter(isWanted)) };
      },
      SetQueueAttributes(input: Input<sqs.SetQueueAttributesRequest>) {
        const given = input.Attributes as Readonly<Record<string, string>>;
        // An empty text takes an attribute away.
        checkAttributes(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')));
        return change(input.QueueUrl, ({ attributes }) => ({
          attributes: Object.fromEntries(
            Object.entries({ ...attributes, ...given }).filter(([, value]) => value !== ''),
          ),
          modified: cloud.now(),
        }));
      },
      PurgeQueue(input: Input<sqs.PurgeQueueRequest>) {
        messages.purge(find(input.QueueUrl).name);
        return {};
      },
      TagQueue: (input: Input<sqs.TagQueueRequest>) =>
        change(input.QueueUrl, ({ tags }) => ({ tags: { ...tags, ...input.Tags } })),
      UntagQueue: (input: Input<sqs.UntagQueueRequest>) =>
        change(input.QueueUrl, ({ tags }) => ({ tags: withoutTags(tags, input.TagKeys) })),
      ListQueueTags: (input: Input<sqs.ListQueueTagsRequest>): sqs.ListQueueTagsResult => ({
        Tags: { ...find(input.QueueUrl).tags },
      }),
      ...deliveryOperations(cloud, { messages, find }),
    },
    stop: async () => messages.close(),
  };
}

function sameAttributes(cloud: Cloud, queue: Queue, given: Readonly<Record<string, string>>): boolean {
  const described = describeQueue(cloud, queue);
  return Object.entries(given).every(([name, value]) => described[name] === value);
}
