import { startTestCloud } from '../kit/test-cloud.ts';
import { createSsmService } from '../ssm/service.ts';
import { containerCredentials } from '../sts/credentials.ts';
import { createStsService } from '../sts/service.ts';
import { neededAccess } from './needs.ts';
import { createAccessRecorder, usedAccess } from './recorder.ts';
import { knownRoles } from './roles.ts';

const account = { region: 'us-east-1', accountId: '000000000000' };
const role = 'arn:aws:iam::000000000000:role/slipway-staging-web-task';

test.each<[string, string, object, object[]]>([
  ['s3', 'HeadObject', { Bucket: 'b', Key: 'k' }, [{ action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' }]],
  [
    's3',
    'ListObjectsV2',
    { Bucket: 'b', Prefix: 'pr-1/' },
    [{ action: 's3:ListBucket', resource: 'arn:aws:s3:::b', context: { 's3:prefix': 'pr-1/' } }],
  ],
  ['s3', 'UploadPart', { Bucket: 'b', Key: 'k' }, [{ action: 's3:PutObject', resource: 'arn:aws:s3:::b/k' }]],
  [
    'dynamodb',
    'UpdateItem',
    { TableName: 'slipway-ledger', Key: { environment: { S: 'staging' }, item: { S: 'head' } } },
    [
      {
        action: 'dynamodb:UpdateItem',
        resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/slipway-ledger',
        context: { 'dynamodb:LeadingKeys': 'staging' },
      },
    ],
  ],
  [
    'dynamodb',
    'Query',
    {
      TableName: 't',
      IndexName: 'i',
      KeyConditionExpression: '#e = :e AND begins_with(#i, :p)',
      ExpressionAttributeValues: { ':e': { S: 'pr-1' }, ':p': { S: 'release' } },
    },
    [
      {
        action: 'dynamodb:Query',
        resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/t/index/i',
        context: { 'dynamodb:LeadingKeys': 'pr-1' },
      },
    ],
  ],
  [
    'ecs',
    'RegisterTaskDefinition',
    { family: 'f', taskRoleArn: role },
    [
      { action: 'ecs:RegisterTaskDefinition', resource: '*' },
      { action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    ],
  ],
  [
    'ecs',
    'UpdateService',
    { cluster: 'staging', service: 'staging-web' },
    [
      {
        action: 'ecs:UpdateService',
        resource: 'arn:aws:ecs:us-east-1:000000000000:service/staging/staging-web',
        context: { 'ecs:cluster': 'arn:aws:ecs:us-east-1:000000000000:cluster/staging' },
      },
    ],
  ],
  [
    'lambda',
    'Invoke',
    { FunctionName: 'f', Qualifier: 'live' },
    [{ action: 'lambda:InvokeFunction', resource: 'arn:aws:lambda:us-east-1:000000000000:function:f:live' }],
  ],
  [
    'ssm',
    'GetParameters',
    { Names: ['/a/b', '/c'] },
    [
      { action: 'ssm:GetParameters', resource: 'arn:aws:ssm:us-east-1:000000000000:parameter/a/b' },
      { action: 'ssm:GetParameters', resource: 'arn:aws:ssm:us-east-1:000000000000:parameter/c' },
    ],
  ],
  ['sts', 'GetCallerIdentity', {}, []],
  ['monitoring', 'PutMetricData', { Namespace: 'n' }, [{ action: 'cloudwatch:PutMetricData', resource: '*' }]],
])('%s:%s needs what IAM calls it', (service, operation, input, expected) => {
  expect(neededAccess(service, operation, input as Readonly<Record<string, unknown>>, account)).toEqual(expected);
});

test('calls are kept with the role that signed them, each once; those of nobody are not', async () => {
  const test = await startTestCloud((cloud) => [createSsmService(cloud), createStsService(cloud)]);
  try {
    const { record } = createAccessRecorder(test.cloud);
    const { AWS_ACCESS_KEY_ID: accessKeyId } = containerCredentials(test.cloud, role);
    expect(containerCredentials(test.cloud, role)['AWS_ACCESS_KEY_ID']).toBe(accessKeyId);
    const call = { service: 'ssm', operation: 'GetParameter', input: { Name: '/a' } };
    const roles = test.cloud.store.collection('terraform/aws_iam_role');
    const attributes = { name: 'slipway-staging-web-task', arn: role, assume_role_policy: '{}' };
    roles.set('one', { id: 'one', attributes });
    for (const key of [accessKeyId, accessKeyId, 'local', undefined]) record({ ...call, accessKeyId: key });
    // The role of a preview goes with it, but not what it was given.
    roles.delete('one');
    expect(knownRoles(test.cloud)).toMatchObject([{ name: 'slipway-staging-web-task', policies: [] }]);
    expect(usedAccess(test.cloud)).toEqual([
      {
        role: 'slipway-staging-web-task',
        action: 'ssm:GetParameter',
        resource: 'arn:aws:ssm:us-east-1:000000000000:parameter/a',
      },
    ]);
  } finally {
    await test.remove();
  }
});
