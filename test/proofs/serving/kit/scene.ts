/** What asynchronous predictions and batches need of AWS, in this process, and the services as processes that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createDynamoDbService } from '../../../../local/aws/dynamodb/service.ts';
import { startTestCloud } from '../../../../local/aws/kit/test-cloud.ts';
import { createS3Service } from '../../../../local/aws/s3/service.ts';
import { createSnsService } from '../../../../local/aws/sns/service.ts';
import { createSqsService } from '../../../../local/aws/sqs/service.ts';
import { sumModel } from '../../../../services/kit/transform/test-models.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, name: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${name}`;

export interface Program {
  readonly child: ChildProcess;
  /** The lines of its log so far. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Waits for a line of the log with this message. */
  heard(message: string): Promise<Readonly<Record<string, unknown>>>;
  /** As the kernel does it: without a word. */
  kill(): Promise<void>;
}

export type Scene = Awaited<ReturnType<typeof startScene>>;

/** @param settings further variables of the programs */
export async function startScene(settings: Readonly<Record<string, string>> = {}) {
  const aws = await startTestCloud((cloud) => [
    createS3Service(cloud),
    createSqsService(cloud),
    createSnsService(cloud),
    createDynamoDbService(cloud),
  ]);
  const s3 = new S3Client({ ...aws.client, forcePathStyle: true });
  const sqs = new SQSClient(aws.client);
  const programs = new Set<ChildProcess>();
  const environment = { ...(await provision(aws.client, { s3, sqs })), ...settings };

  const start = (file: string, more: Readonly<Record<string, string>> = {}): Program => {
    const path = join(import.meta.dirname, '../../../../services', file);
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path], {
      env: { PATH: process.env['PATH'], ...environment, ...more },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    programs.add(child);
    const lines: Record<string, unknown>[] = [];
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => lines.push(JSON.parse(line)));
    const gone = once(child, 'exit').then(() => void programs.delete(child));
    return {
      child,
      lines,
      async heard(message) {
        for (;;) {
          const found = lines.find((line) => line['message'] === message);
          if (found) return found;
          if (child.exitCode !== null || child.signalCode !== null)
            throw new Error(`${file} ended: ${JSON.stringify(lines.at(-1))}`);
          await Promise.race([once(reader, 'line'), gone]);
        }
      },
      async kill() {
        child.kill('SIGKILL');
        await gone;
      },
    };
  };

  return {
    s3,
    start,
    put: (Bucket: string, Key: string, Body: string | Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body })),
    async read(Bucket: string, Key: string): Promise<string> {
      return (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '';
    },
    async keys(Bucket: string): Promise<string[]> {
      return ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key = '' }) => Key);
    },
    /** Takes everything out of a queue. */
    async drain(name: string): Promise<Message[]> {
      const QueueUrl = environment.QUEUE_PREDICTIONS.replace(/[^/]+$/, name);
      const all: Message[] = [];
      for (;;) {
        const request = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
        if (Messages.length === 0) return all;
        for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        all.push(...Messages);
      }
    },
    async stop() {
      for (const child of programs) child.kill('SIGKILL');
      await aws.remove();
    },
  };
}

type Clients = { readonly s3: S3Client; readonly sqs: SQSClient };
type Options = ConstructorParameters<typeof SNSClient>[0] & { readonly endpoint: string };

/** What Terraform makes of the manifests of `requests`, `predictor` and `inference`. */
async function provision(client: Options, { s3, sqs }: Clients) {
  for (const Bucket of ['models', 'predictions', 'files']) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const { json, onnx } of [sumModel({ name: 'sum' })]) {
    await s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'sum/1/model.onnx', Body: onnx }));
    await s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'sum/1/model.json', Body: json }));
  }
  for (const QueueName of ['dead', 'done', 'failed']) await sqs.send(new CreateQueueCommand({ QueueName }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('sqs', 'dead'), maxReceiveCount: 10 });
  const Attributes = { VisibilityTimeout: '3', RedrivePolicy };
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'predictions', Attributes }));
  const sns = new SNSClient(client);
  for (const Name of ['done', 'failed']) {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name }));
    const raw = { RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn('sqs', Name), Attributes: raw }));
  }
  await new DynamoDBClient(client).send(
    new CreateTableCommand({
      TableName: 'predictions',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'tenant', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'tenant', AttributeType: 'S' },
        { AttributeName: 'id', AttributeType: 'S' },
      ],
    }),
  );
  return {
    AWS_ENDPOINT_URL: client.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    BUCKET_MODELS: 'models',
    BUCKET_PREDICTIONS: 'predictions',
    TABLE_PREDICTIONS: 'predictions',
    QUEUE_PREDICTIONS: QueueUrl,
    TOPIC_PREDICTIONS_DONE: arn('sns', 'done'),
    TOPIC_PREDICTIONS_FAILED: arn('sns', 'failed'),
    HOST: '127.0.0.1',
    PORT: '0',
  };
}
