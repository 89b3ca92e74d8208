import { allOwned } from '../pipeline/manifest/access.ts';
import { deadLetterName, queueName, topicName } from '../pipeline/manifest/names.ts';
import { type Construct, SnsTopicSubscription } from './cdktf.ts';
import { Queue } from './constructs/queue.ts';
import { Topic } from './constructs/topic.ts';
import type { StackInput } from './stack.ts';

interface Surroundings {
  readonly keyArn: string;
  /** Topic that hears of dead letters; none in a preview. */
  readonly alarmTopic?: string;
}

/** Every queue and topic that a service owns, and who listens to what. Returns the URL of each queue by its name in the manifests. */
export function addMessaging(
  scope: Construct,
  input: StackInput,
  surroundings: Surroundings,
): ReadonlyMap<string, string> {
  const { manifests, environment } = input;
  const topics = new Map(
    allOwned(manifests, 'topic').map(({ name }) => [
      name,
      new Topic(scope, `topic-${name}`, { name: topicName(environment, name), keyArn: surroundings.keyArn }).arn,
    ]),
  );
  return new Map(
    allOwned(manifests, 'queue').map(({ name, topics: heard = [], ...declaration }) => {
      const arns = heard.map((topic) => ({ topic, arn: topics.get(topic) ?? '' }));
      const queue = new Queue(scope, `queue-${name}`, {
        ...declaration,
        ...surroundings,
        name: queueName(environment, name),
        deadLetterName: deadLetterName(environment, name),
        senders: arns.length === 0 ? [] : [deliver(arns.map(({ arn }) => arn))],
      });
      for (const { topic, arn } of arns)
        subscribe(scope, { id: `subscription-${name}-${topic}`, topicArn: arn, queue });
      return [name, queue.url];
    }),
  );
}

const deliver = (topics: readonly string[]) =>
  ({
    Sid: 'Topics',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: ['sqs:SendMessage'],
    Condition: { ArnEquals: { 'aws:SourceArn': topics } },
  }) as const;

interface Subscription {
  readonly id: string;
  readonly topicArn: string;
  readonly queue: Queue;
}

/** The message as it was published, without the envelope that SNS puts around it. */
function subscribe(scope: Construct, { id, topicArn, queue }: Subscription): void {
  new SnsTopicSubscription(scope, id, { topicArn, protocol: 'sqs', endpoint: queue.arn, rawMessageDelivery: true });
}
