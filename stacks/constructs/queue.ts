import { CloudwatchMetricAlarm, Construct, SqsQueue, SqsQueuePolicy } from '../cdktf.ts';
import { onlyTls, policyDocument, type Statement } from './policy.ts';

interface QueueProperties {
  readonly name: string;
  /** Name of the queue of what could not be processed. */
  readonly deadLetterName: string;
  readonly keyArn: string;
  /** Times that a message is received before it goes to the dead letters. */
  readonly deadLetterAfter?: number;
  readonly visibilitySeconds?: number;
  /** Topic that hears of dead letters. Absent: nobody is told, and the queue has no policy of its own (previews). */
  readonly alarmTopic?: string;
  /** Who else may send, such as topics; statements without their resource. */
  readonly senders?: readonly Omit<Statement, 'Resource'>[];
}

const DEFAULTS = { deadLetterAfter: 5, visibilitySeconds: 60 };
/** AWS asks for a new data key of KMS that often; more often costs more and protects no better. */
const KEY_REUSE_SECONDS = 300;
/** Dead letters are kept as long as SQS can, so that a weekend passes before they are gone. */
const DEAD_LETTER_SECONDS = 14 * 24 * 60 * 60;
const LONG_POLL_SECONDS = 20;

/** An encrypted queue, and the queue of what could not be processed, which raises an alarm as soon as it holds something. */
export class Queue extends Construct {
  readonly url: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, properties: QueueProperties) {
    super(scope, id);
    const { name, deadLetterAfter = DEFAULTS.deadLetterAfter, alarmTopic, senders = [] } = properties;
    const dead = new DeadLetters(this, 'dead-letters', { ...properties, name: properties.deadLetterName });
    const queue = new SqsQueue(this, 'queue', {
      name,
      kmsMasterKeyId: properties.keyArn,
      kmsDataKeyReusePeriodSeconds: KEY_REUSE_SECONDS,
      visibilityTimeoutSeconds: properties.visibilitySeconds ?? DEFAULTS.visibilitySeconds,
      receiveWaitTimeSeconds: LONG_POLL_SECONDS,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: deadLetterAfter }),
    });
    this.url = queue.url;
    this.arn = queue.arn;
    if (alarmTopic !== undefined || senders.length > 0) addPolicy(this, queue, senders);
  }
}

type DeadLetterProperties = Pick<QueueProperties, 'name' | 'keyArn' | 'alarmTopic'>;

/** A queue of what failed elsewhere: messages, invocations, schedules. Its name says so, for people and for the controls. */
export class DeadLetters extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, keyArn, alarmTopic }: DeadLetterProperties) {
    super(scope, id);
    const queue = new SqsQueue(this, 'queue', {
      name,
      kmsMasterKeyId: keyArn,
      kmsDataKeyReusePeriodSeconds: KEY_REUSE_SECONDS,
      messageRetentionSeconds: DEAD_LETTER_SECONDS,
    });
    this.arn = queue.arn;
    if (alarmTopic === undefined) return;
    addPolicy(this, queue, []);
    new CloudwatchMetricAlarm(this, 'alarm', {
      alarmName: `${name}-waiting`,
      alarmDescription: `Something could not be processed and waits in ${name}`,
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queue.name },
      statistic: 'Maximum',
      period: 300,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      treatMissingData: 'notBreaching',
      alarmActions: [alarmTopic],
      okActions: [alarmTopic],
    });
  }
}

function addPolicy(scope: Construct, queue: SqsQueue, senders: readonly Omit<Statement, 'Resource'>[]): void {
  const statements = senders.map((sender) => ({ ...sender, Resource: [queue.arn] }));
  new SqsQueuePolicy(scope, 'policy', {
    queueUrl: queue.url,
    policy: policyDocument([onlyTls(['sqs:*'], [queue.arn]), ...statements]),
  });
}
