import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestCloud, type TestCloud } from '../../local/aws/kit/test-cloud.ts';
import { createSqsService } from '../../local/aws/sqs/service.ts';
import { createQueue } from '../../services/kit/aws/queue.ts';

let aws: TestCloud;
beforeAll(async () => {
  aws = await startTestCloud((cloud) => [createSqsService(cloud)]);
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: aws.client.region,
    AWS_ENDPOINT_URL: aws.client.endpoint,
  });
});
afterAll(() => aws.remove());

test('a message that comes while a worker stops is there for the next one at once', async () => {
  const Attributes = { VisibilityTimeout: '120' };
  const made = await new SQSClient(aws.client).send(new CreateQueueCommand({ QueueName: 'work', Attributes }));
  const queue = createQueue(made.QueueUrl ?? '');
  const controller = new AbortController();
  const waiting = queue.receive(controller.signal);
  await new Promise((resolve) => setTimeout(resolve, 200));
  controller.abort();
  await queue.send('work');
  expect(await waiting).toBeUndefined();
  expect(await queue.receive(new AbortController().signal)).toMatchObject({ body: 'work', received: 2 });
});
