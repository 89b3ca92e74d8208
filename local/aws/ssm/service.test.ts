import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createSsmService } from './service.ts';

describe('SSM', () => {
  let aws: TestCloud;
  let ssm: SSMClient;
  beforeEach(async () => {
    aws = await startTestCloud((cloud) => [createSsmService(cloud)]);
    ssm = new SSMClient(aws.client);
  });
  afterEach(() => aws.remove());
  const put = (Name: string, Value: string, more: object = {}) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));

  test('keeps versions, by number and by label', async () => {
    await put('/app/a', 'one');
    await expect(put('/app/a', 'two')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put('/app/a', 'two', { Overwrite: true })).toMatchObject({ Version: 2, Tier: 'Standard' });
    await ssm.send(new LabelParameterVersionCommand({ Name: '/app/a', ParameterVersion: 1, Labels: ['first'] }));
    const value = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
    expect(await value('/app/a')).toBe('two');
    expect(await value('/app/a:1')).toBe('one');
    expect(await value('/app/a:first')).toBe('one');
    expect(await value('arn:aws:ssm:us-east-1:000000000000:parameter/app/a')).toBe('two');
    await expect(value('/app/a:9')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    await expect(value('/app/b')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    const history = await ssm.send(new GetParameterHistoryCommand({ Name: '/app/a' }));
    expect(history.Parameters?.map(({ Labels }) => Labels)).toEqual([['first'], []]);
  });

  test('a SecureString is readable only with decryption', async () => {
    await put('/app/secret', 'hidden', { Type: 'SecureString' });
    const read = (WithDecryption: boolean) =>
      ssm.send(new GetParameterCommand({ Name: '/app/secret', WithDecryption }));
    expect((await read(true)).Parameter?.Value).toBe('hidden');
    expect((await read(false)).Parameter?.Value).not.toContain('hidden');
  });

  test('pages through a path and reports what is missing', async () => {
    for (let n = 10; n < 23; n++) await put(`/p/${n}`, String(n));
    await put('/p/deep/x', 'x');
    const first = await ssm.send(new GetParametersByPathCommand({ Path: '/p' }));
    expect(first.Parameters).toHaveLength(10);
    const second = await ssm.send(new GetParametersByPathCommand({ Path: '/p', NextToken: first.NextToken }));
    expect(second.Parameters?.map(({ Name }) => Name)).toEqual(['/p/20', '/p/21', '/p/22']);
    expect(second.NextToken).toBeUndefined();
    const deep = await ssm.send(
      new GetParametersByPathCommand({ Path: '/p/', Recursive: true, NextToken: first.NextToken }),
    );
    expect(deep.Parameters?.map(({ Name }) => Name)).toContain('/p/deep/x');
    const some = await ssm.send(new GetParametersCommand({ Names: ['/p/10', '/p/none'] }));
    expect(some.InvalidParameters).toEqual(['/p/none']);
  });

  test('describes by filter, tags, and survives a restart', async () => {
    await put('/t/a', '1', { Tags: [{ Key: 'app', Value: 'slipway' }] });
    await put('/t/b', '2');
    await ssm.send(
      new AddTagsToResourceCommand({ ResourceType: 'Parameter', ResourceId: '/t/b', Tags: [{ Key: 'x', Value: 'y' }] }),
    );
    await aws.stop();
    aws = await startTestCloud((cloud) => [createSsmService(cloud)], { home: aws.cloud.home });
    ssm = new SSMClient(aws.client);
    const filters = [
      { Key: 'Path', Values: ['/t'] },
      { Key: 'tag:app', Values: ['slipway'] },
    ];
    const described = await ssm.send(new DescribeParametersCommand({ ParameterFilters: filters }));
    expect(described.Parameters?.map(({ Name }) => Name)).toEqual(['/t/a']);
    const tags = await ssm.send(new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: '/t/b' }));
    expect(tags.TagList).toEqual([{ Key: 'x', Value: 'y' }]);
    await ssm.send(new DeleteParameterCommand({ Name: '/t/a' }));
    await expect(ssm.send(new DeleteParameterCommand({ Name: '/t/a' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });

  test('a value over 4 KB needs the advanced tier, as on AWS', async () => {
    const value = 'x'.repeat(5000);
    await expect(put('/big', value)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(await put('/big', value, { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Advanced' });
  });
});
