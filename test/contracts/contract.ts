import { type Client, refusal } from './client.ts';
import { openTarget, type Target } from './target.ts';

/** What pipeline and stacks rely on of each AWS API, asked through one client. */
export function describeContract(name: string, connect: (target: Target) => Client): void {
  describe(name, () => {
    let target: Target;
    let client: Client;
    const call: Client['call'] = (service, operation, input) => client.call(service, operation, input);
    /** Of this run, so that a referee can be asked again and again. */
    const own = (what: string): string => `${what}-${unique}`;
    const unique = Date.now().toString(36);

    beforeAll(async () => {
      target = await openTarget();
      client = connect(target);
    });
    afterAll(() => target.close());

    test('sts: who calls', async () => {
      const { Account, Arn } = await call('sts', 'GetCallerIdentity');
      expect(Account).toMatch(/^\d{12}$/);
      expect(Arn).toMatch(/^arn:aws:(iam|sts)::/);
    });

    test('ssm: versions, paths, pages, refusals', async () => {
      const put = (Name: string, more = {}) =>
        call('ssm', 'PutParameter', { Name, Value: 'one', Type: 'String', ...more });
      const path = `/${own('contract')}`;
      for (let index = 0; index < 12; index++) await put(`${path}/${String.fromCharCode(97 + index)}`);
      expect(await refusal(put(`${path}/a`))).toBe('ParameterAlreadyExists');
      expect((await put(`${path}/a`, { Value: 'two', Overwrite: true }))['Version']).toBe(2);
      expect((await call('ssm', 'GetParameter', { Name: `${path}/a` }))['Parameter']).toMatchObject({
        Value: 'two',
        Version: 2,
      });
      expect(await refusal(call('ssm', 'GetParameter', { Name: `${path}/none` }))).toBe('ParameterNotFound');
      const first = await call('ssm', 'GetParametersByPath', { Path: path, MaxResults: 10 });
      const second = await call('ssm', 'GetParametersByPath', {
        Path: path,
        MaxResults: 10,
        NextToken: first['NextToken'],
      });
      expect([first['Parameters'].length, second['Parameters'].length, second['NextToken'] ?? '']).toEqual([10, 2, '']);
    });

    test('dynamodb: conditions, queries, transactions', async () => {
      const TableName = own('contract');
      const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
      await call('dynamodb', 'CreateTable', {
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [attribute('p'), attribute('s')],
        KeySchema: [
          { AttributeName: 'p', KeyType: 'HASH' },
          { AttributeName: 's', KeyType: 'RANGE' },
        ],
      });
      const key = (s: string) => ({ p: { S: 'one' }, s: { S: s } });
      const put = (s: string, condition = {}) =>
        call('dynamodb', 'PutItem', { TableName, Item: { ...key(s), n: { N: '1' } }, ...condition });
      for (const s of ['head', 'release#1', 'release#2', 'release#3']) await put(s);
      expect(await refusal(put('head', { ConditionExpression: 'attribute_not_exists(s)' }))).toBe(
        'ConditionalCheckFailed',
      );
      const query = {
        TableName,
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 2,
        KeyConditionExpression: 'p = :p AND begins_with(s, :s)',
        ExpressionAttributeValues: { ':p': { S: 'one' }, ':s': { S: 'release#' } },
      };
      const page = await call('dynamodb', 'Query', query);
      expect(page['Items'].map(({ s }: { s: { S: string } }) => s.S)).toEqual(['release#3', 'release#2']);
      expect(page['LastEvaluatedKey']).toEqual(key('release#2'));
      const rest = await call('dynamodb', 'Query', { ...query, ExclusiveStartKey: page['LastEvaluatedKey'] });
      expect(rest['Items']).toHaveLength(1);
      const move = (from: string) =>
        call('dynamodb', 'UpdateItem', {
          TableName,
          Key: key('head'),
          UpdateExpression: 'SET n = :to',
          ConditionExpression: 'n = :from',
          ExpressionAttributeValues: { ':from': { N: from }, ':to': { N: '2' } },
          ReturnValues: 'ALL_NEW',
        });
      expect((await move('1'))['Attributes']).toMatchObject({ n: { N: '2' } });
      expect(await refusal(move('1'))).toBe('ConditionalCheckFailed');
      const both = [
        { Put: { TableName, Item: key('new') } },
        { ConditionCheck: { TableName, Key: key('none'), ConditionExpression: 'attribute_exists(s)' } },
      ];
      expect(await refusal(call('dynamodb', 'TransactWriteItems', { TransactItems: both }))).toBe(
        'TransactionCanceled',
      );
      expect((await call('dynamodb', 'GetItem', { TableName, Key: key('new') }))['Item']).toBeUndefined();
      const gone = await call('dynamodb', 'DeleteItem', { TableName, Key: key('head'), ReturnValues: 'ALL_OLD' });
      expect(gone['Attributes']).toMatchObject({ n: { N: '2' } });
      await call('dynamodb', 'DeleteTable', { TableName });
    });

    test('s3: objects, pages, refusals', async () => {
      const Bucket = own('contract');
      await call('s3', 'CreateBucket', { Bucket });
      for (const key of ['a/1', 'a/2', 'a/ü +3', 'b/1']) await client.putObject(Bucket, key, `content of ${key}`);
      expect(await client.getObject(Bucket, 'a/ü +3')).toBe('content of a/ü +3');
      expect(await refusal(client.getObject(Bucket, 'none'))).toBe('NoSuchKey');
      const page = await call('s3', 'ListObjectsV2', { Bucket, Prefix: 'a/', MaxKeys: 2 });
      expect([page['Contents'].length, page['IsTruncated']]).toEqual([2, true]);
      const rest = await call('s3', 'ListObjectsV2', {
        Bucket,
        Prefix: 'a/',
        ContinuationToken: page['NextContinuationToken'],
      });
      expect(rest['Contents'].map(({ Key }: { Key: string }) => Key)).toEqual(['a/ü +3']);
      expect(await refusal(call('s3', 'DeleteBucket', { Bucket }))).toBe('BucketNotEmpty');
      const Objects = ['a/1', 'a/2', 'a/ü +3', 'b/1'].map((Key) => ({ Key }));
      await call('s3', 'DeleteObjects', { Bucket, Delete: { Objects } });
      await call('s3', 'DeleteBucket', { Bucket });
    });

    test('ecr: repositories, what is not there, a token', async () => {
      const repositoryName = own('contract');
      const create = () => call('ecr', 'CreateRepository', { repositoryName, imageTagMutability: 'IMMUTABLE' });
      expect((await create())['repository']).toMatchObject({ repositoryName, imageTagMutability: 'IMMUTABLE' });
      expect(await refusal(create())).toBe('RepositoryAlreadyExists');
      expect((await call('ecr', 'DescribeImages', { repositoryName }))['imageDetails']).toEqual([]);
      const missing = { repositoryName, imageIds: [{ imageTag: 'none' }] };
      expect(await refusal(call('ecr', 'DescribeImages', missing))).toBe('ImageNotFound');
      expect(await refusal(call('ecr', 'DescribeImages', { repositoryName: own('none') }))).toBe('RepositoryNotFound');
      const { authorizationData } = await call('ecr', 'GetAuthorizationToken');
      expect(Buffer.from(authorizationData[0].authorizationToken, 'base64').toString()).toMatch(/^AWS:/);
      await call('ecr', 'DeleteRepository', { repositoryName });
    });

    test('ecs: revisions, services, deployments', async () => {
      const [cluster, family, service] = [own('contract'), own('family'), own('service')];
      await call('ecs', 'CreateCluster', { clusterName: cluster });
      const register = async (image: string): Promise<string> => {
        const { taskDefinition } = await call('ecs', 'RegisterTaskDefinition', {
          family,
          networkMode: 'awsvpc',
          requiresCompatibilities: ['FARGATE'],
          cpu: '256',
          memory: '512',
          containerDefinitions: [{ name: 'main', image, essential: true }],
        });
        return taskDefinition.taskDefinitionArn;
      };
      const [one, two] = [await register('example/one'), await register('example/two')];
      expect([one, two].map((arn) => arn.split(':').at(-1))).toEqual(['1', '2']);
      const newest = await call('ecs', 'DescribeTaskDefinition', { taskDefinition: family });
      expect(newest['taskDefinition']).toMatchObject({ taskDefinitionArn: two, status: 'ACTIVE' });
      const network = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
      await call('ecs', 'CreateService', {
        cluster,
        serviceName: service,
        taskDefinition: one,
        desiredCount: 0,
        launchType: 'FARGATE',
        networkConfiguration: network,
      });
      const updated = await call('ecs', 'UpdateService', { cluster, service, taskDefinition: two });
      const primary = updated['service'].deployments.find(({ status }: { status: string }) => status === 'PRIMARY');
      expect(primary).toMatchObject({ taskDefinition: two });
      const described = await call('ecs', 'DescribeServices', { cluster, services: [service, 'none'] });
      expect(described['services']).toMatchObject([{ serviceName: service, taskDefinition: two, desiredCount: 0 }]);
      expect(described['failures']).toMatchObject([{ reason: 'MISSING' }]);
      expect(await refusal(call('ecs', 'UpdateService', { cluster, service: 'none', desiredCount: 1 }))).toBe(
        'ServiceNotFound',
      );
      await call('ecs', 'DeregisterTaskDefinition', { taskDefinition: two });
      const before = await call('ecs', 'DescribeTaskDefinition', { taskDefinition: family });
      expect(before['taskDefinition'].taskDefinitionArn).toBe(one);
      await call('ecs', 'DeleteService', { cluster, service, force: true });
    });

    test('elbv2: target groups and their refusals', async () => {
      const Name = own('contract').slice(0, 32);
      const { TargetGroups } = await call('elbv2', 'CreateTargetGroup', { Name, TargetType: 'lambda' });
      const { TargetGroupArn } = TargetGroups[0];
      expect((await call('elbv2', 'DescribeTargetGroups', { Names: [Name] }))['TargetGroups']).toMatchObject([
        { TargetGroupArn },
      ]);
      expect((await call('elbv2', 'DescribeTargetHealth', { TargetGroupArn }))['TargetHealthDescriptions']).toEqual([]);
      expect(await refusal(call('elbv2', 'DescribeTargetGroups', { Names: ['none'] }))).toBe('TargetGroupNotFound');
      await call('elbv2', 'DeleteTargetGroup', { TargetGroupArn });
    });

    test('lambda: versions, and an alias that moves by compare-and-set', async () => {
      const FunctionName = own('contract');
      expect(await refusal(call('lambda', 'GetFunctionConfiguration', { FunctionName }))).toBe('ResourceNotFound');
      // A function is made from an image, so a referee has to name one of its own.
      if (target.image === undefined)
        return console.log('SLIPWAY_REFEREE_IMAGE names no image: functions were not asked for');
      const Role = 'arn:aws:iam::000000000000:role/contract';
      await call('lambda', 'CreateFunction', {
        FunctionName,
        PackageType: 'Image',
        Code: { ImageUri: target.image },
        Role,
      });
      await active(call, FunctionName);
      const publish = async () => (await call('lambda', 'PublishVersion', { FunctionName }))['Version'];
      expect([await publish(), await publish()]).toEqual(['1', '1']);
      const alias = { FunctionName, Name: 'live' };
      const { RevisionId } = await call('lambda', 'CreateAlias', { ...alias, FunctionVersion: '1' });
      const moved = await call('lambda', 'UpdateAlias', {
        ...alias,
        FunctionVersion: '1',
        Description: 'moved',
        RevisionId,
      });
      expect(moved).toMatchObject({ FunctionVersion: '1', Description: 'moved' });
      expect(await refusal(call('lambda', 'UpdateAlias', { ...alias, FunctionVersion: '1', RevisionId }))).toBe(
        'PreconditionFailed',
      );
      expect(await refusal(call('lambda', 'GetAlias', { FunctionName, Name: 'none' }))).toBe('ResourceNotFound');
      await call('lambda', 'DeleteFunction', { FunctionName });
    });
  });
}

/** A function can be changed once Lambda has its image. */
async function active(call: Client['call'], FunctionName: string): Promise<void> {
  for (let look = 0; look < 100; look++) {
    const { State } = await call('lambda', 'GetFunctionConfiguration', { FunctionName });
    if (State === 'Active') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${FunctionName} never became active`);
}
