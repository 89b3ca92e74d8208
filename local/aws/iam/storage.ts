import { type Account, arn, asArn, type CallContext, type Input, isRecord, list, type NeededAccess } from './names.ts';

/** S3's operations are called differently from its permissions. */
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  AbortMultipartUpload: 'AbortMultipartUpload',
};
const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  HeadBucket: 'ListBucket',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export function s3Access(operation: string, input: Input): NeededAccess[] {
  const bucket = `arn:aws:s3:::${String(input['Bucket'] ?? '')}`;
  if (operation === 'ListBuckets') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  if (operation === 'DeleteObjects') {
    const objects = isRecord(input['Delete']) ? list(input['Delete']['Objects']) : [];
    return objects.filter(isRecord).map(({ Key }) => ({ action: 's3:DeleteObject', resource: `${bucket}/${Key}` }));
  }
  const { Key, Prefix, CopySource } = input;
  if (Key === undefined) {
    const prefix: { context?: CallContext } = Prefix === undefined ? {} : { context: { 's3:prefix': String(Prefix) } };
    return [{ action: `s3:${BUCKET_ACTIONS[operation] ?? operation}`, resource: bucket, ...prefix }];
  }
  const object = { action: `s3:${OBJECT_ACTIONS[operation] ?? operation}`, resource: `${bucket}/${String(Key)}` };
  if (operation !== 'CopyObject') return [object];
  const source = decodeURIComponent(String(CopySource)).replace(/^\//, '');
  return [
    { action: 's3:GetObject', resource: `arn:aws:s3:::${source}` },
    { ...object, action: 's3:PutObject' },
  ];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export function dynamodbAccess(operation: string, input: Input, account: Account): NeededAccess[] {
  const table = (name: unknown): string => asArn(account, 'dynamodb', 'table/', name);
  if (operation === 'ListTables') return [{ action: 'dynamodb:ListTables', resource: '*' }];
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    const names = Object.keys(isRecord(input['RequestItems']) ? input['RequestItems'] : {});
    return names.map((name) => ({ action: `dynamodb:${operation}`, resource: table(name) }));
  }
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') return transaction(input, table);
  const index = input['IndexName'] === undefined ? '' : `/index/${String(input['IndexName'])}`;
  const resource = input['TableName'] === undefined ? String(input['ResourceArn'] ?? '*') : table(input['TableName']);
  return [{ action: `dynamodb:${operation}`, resource: `${resource}${index}`, ...leadingKey(input) }];
}

function transaction(input: Input, table: (name: unknown) => string): NeededAccess[] {
  const actions: Readonly<Record<string, string>> = {
    Put: 'PutItem',
    Update: 'UpdateItem',
    Delete: 'DeleteItem',
    Get: 'GetItem',
    ConditionCheck: 'ConditionCheckItem',
  };
  return list(input['TransactItems'])
    .filter(isRecord)
    .flatMap((item) =>
      Object.entries(item).flatMap(([kind, one]) =>
        isRecord(one)
          ? [{ action: `dynamodb:${actions[kind] ?? kind}`, resource: table(one['TableName']), ...leadingKey(one) }]
          : [],
      ),
    );
}

/** The partition key's value; by convention of our own code it is the first of a key's attributes. */
function leadingKey({ Key, Item, KeyConditionExpression, ExpressionAttributeValues: values }: Input): {
  context?: CallContext;
} {
  const attributes = isRecord(Key) ? Key : Item;
  if (isRecord(attributes)) {
    const value = plain(attributes['environment'] ?? Object.values(attributes)[0]);
    return value === undefined ? {} : { context: { 'dynamodb:LeadingKeys': value } };
  }
  const placeholder = /=\s*(:\w+)/.exec(String(KeyConditionExpression ?? ''))?.[1];
  const value = plain(isRecord(values) && placeholder ? values[placeholder] : undefined);
  return value === undefined ? {} : { context: { 'dynamodb:LeadingKeys': value } };
}

/** `{S: 'staging'}` -> `staging`. */
function plain(value: unknown): string | undefined {
  const [first] = isRecord(value) ? Object.values(value) : [value];
  return typeof first === 'string' || typeof first === 'number' ? String(first) : undefined;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html */
export function ecrAccess(operation: string, input: Input, account: Account): NeededAccess[] {
  const name = input['repositoryName'];
  if (name !== undefined) return [{ action: `ecr:${operation}`, resource: arn(account, 'ecr', `repository/${name}`) }];
  const names = list(input['repositoryNames']);
  if (names.length === 0) return [{ action: `ecr:${operation}`, resource: String(input['resourceArn'] ?? '*') }];
  return names.map((one) => ({ action: `ecr:${operation}`, resource: arn(account, 'ecr', `repository/${one}`) }));
}
