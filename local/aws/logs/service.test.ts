import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { compilePattern } from './pattern.ts';
import { createLogsService } from './service.ts';

const DAY = 24 * 60 * 60 * 1000;

describe('CloudWatch Logs', () => {
  let aws: TestCloud;
  let client: CloudWatchLogsClient;
  let now: number;
  const start = async (home?: string) => {
    aws = await startTestCloud((cloud) => [createLogsService(cloud)], { now: () => now, ...(home ? { home } : {}) });
    client = new CloudWatchLogsClient(aws.client);
  };
  beforeEach(async () => {
    now = Date.parse('2026-01-01');
    await start();
    await client.send(new CreateLogGroupCommand({ logGroupName: '/app/web', tags: { app: 'slipway' } }));
    await client.send(new CreateLogStreamCommand({ logGroupName: '/app/web', logStreamName: 'web/a' }));
    await client.send(new CreateLogStreamCommand({ logGroupName: '/app/web', logStreamName: 'web/b' }));
  });
  afterEach(() => aws.remove());
  const put = (logStreamName: string, ...messages: string[]) =>
    client.send(
      new PutLogEventsCommand({
        logGroupName: '/app/web',
        logStreamName,
        logEvents: messages.map((message, index) => ({ timestamp: now + index, message })),
      }),
    );
  const filter = async (more: object = {}) => {
    const found = await client.send(new FilterLogEventsCommand({ logGroupName: '/app/web', ...more }));
    return { messages: found.events?.map(({ message }) => message), next: found.nextToken };
  };

  test('pages forward and backward through a stream, also after a restart', async () => {
    await put('web/a', '1', '2', '3', '4', '5');
    await aws.stop();
    await start(aws.cloud.home);
    const stream = { logGroupName: '/app/web', logStreamName: 'web/a', limit: 2 };
    const get = async (more: object) => {
      const answer = await client.send(new GetLogEventsCommand({ ...stream, ...more }));
      return { ...answer, messages: answer.events?.map(({ message }) => message) };
    };
    const head = await get({ startFromHead: true });
    expect(head.messages).toEqual(['1', '2']);
    const second = await get({ nextToken: head.nextForwardToken });
    expect(second.messages).toEqual(['3', '4']);
    expect((await get({ nextToken: second.nextBackwardToken })).messages).toEqual(['1', '2']);
    const end = await get({ nextToken: (await get({ nextToken: second.nextForwardToken })).nextForwardToken });
    expect(end.messages).toEqual([]);
    expect((await get({ nextToken: end.nextForwardToken })).nextForwardToken).toBe(end.nextForwardToken);
    expect((await get({})).messages).toEqual(['4', '5']);
  });

  test('filters over streams by pattern, time and prefix', async () => {
    await put('web/a', 'GET /ok', '{"level":"error","status":503}');
    now += 1;
    await put('web/b', 'ERROR timeout', 'late');
    expect((await filter({ filterPattern: 'ERROR' })).messages).toEqual(['ERROR timeout']);
    expect((await filter({ filterPattern: '{ $.status >= 500 }' })).messages).toEqual([
      '{"level":"error","status":503}',
    ]);
    expect((await filter({ startTime: now + 1 })).messages).toEqual(['late']);
    expect((await filter({ logStreamNamePrefix: 'web/b' })).messages).toEqual(['ERROR timeout', 'late']);
    const first = await filter({ limit: 3 });
    expect(first.messages).toHaveLength(3);
    expect((await filter({ nextToken: first.next })).messages).toEqual(['late']);
  });

  test('retention removes old events and is described', async () => {
    await put('web/a', 'old');
    await client.send(new PutRetentionPolicyCommand({ logGroupName: '/app/web', retentionInDays: 7 }));
    now += 8 * DAY;
    await put('web/a', 'new');
    expect((await filter()).messages).toEqual(['new']);
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/app' }));
    expect(logGroups).toMatchObject([
      { retentionInDays: 7, arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/app/web:*' },
    ]);
    const tags = await client.send(new ListTagsForResourceCommand({ resourceArn: logGroups?.[0]?.logGroupArn }));
    expect(tags.tags).toEqual({ app: 'slipway' });
    const invalid = client.send(new PutRetentionPolicyCommand({ logGroupName: '/app/web', retentionInDays: 8 }));
    await expect(invalid).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('says which events were rejected and refuses disorder', async () => {
    const events = [
      { timestamp: now - 20 * DAY, message: 'too old' },
      { timestamp: now, message: 'fine' },
    ];
    const send = (logEvents: typeof events) =>
      client.send(new PutLogEventsCommand({ logGroupName: '/app/web', logStreamName: 'web/a', logEvents }));
    expect(await send(events)).toMatchObject({ rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } });
    expect((await filter()).messages).toEqual(['fine']);
    await expect(send(events.toReversed())).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('a deleted group is empty when it is created again', async () => {
    await put('web/a', 'x');
    await client.send(new DeleteLogGroupCommand({ logGroupName: '/app/web' }));
    await expect(filter()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await client.send(new CreateLogGroupCommand({ logGroupName: '/app/web' }));
    const streams = await client.send(new DescribeLogStreamsCommand({ logGroupName: '/app/web' }));
    expect(streams.logStreams).toEqual([]);
  });

  test.each([
    ['a b', 'b a', true],
    ['a -b', 'a b', false],
    ['"a b"', 'x a b', true],
    ['?x ?b', 'b', true],
    ['%\\d{3}%', 'code 503', true],
    ['{ $.a.b = "x*" }', '{"a":{"b":"xyz"}}', true],
    ['{ $.a = 1 && $.b = 2 }', '{"a":1,"b":3}', false],
    ['{ $.a = 1 || $.b = 3 }', '{"a":2,"b":3}', true],
    ['{ $.a = 1 }', 'not json', false],
  ])('pattern %s on %s is %s', (pattern, message, expected) => {
    expect(compilePattern(pattern)(message)).toBe(expected);
  });

  test.each(['[a, b]', '{ ($.a = 1) }', '%[%'])('pattern %s is refused', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ name: 'InvalidParameterException' }));
  });
});
