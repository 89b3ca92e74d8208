import { Readable } from 'node:stream';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as s3 from '@aws-sdk/client-s3';
import { decodeChunked } from './chunked.ts';
import { readModel, type ServiceModel } from './model.ts';
import { fromForm } from './query.ts';
import type { AwsRequest } from './request.ts';
import { matchRoute } from './routes.ts';
import { parseXmlBody, toXml } from './xml.ts';

const load = (module: object): ServiceModel => readModel(module as Readonly<Record<string, unknown>>);
const balancing = load(elbv2);
const storage = load(s3);
const operation = (service: ServiceModel, name: string) => {
  const found = service.operations.get(name);
  if (!found) throw new Error(`no operation ${name}`);
  return found;
};

describe('forms of the Query protocol', () => {
  const read = (name: string, form: string) => fromForm(operation(balancing, name).input, new URLSearchParams(form));

  test('lists of structures', () => {
    const form =
      'Action=x&LoadBalancerArn=arn&Attributes.member.1.Key=a&Attributes.member.1.Value=1&Attributes.member.2.Key=b';
    expect(read('ModifyLoadBalancerAttributes', form)).toEqual({
      LoadBalancerArn: 'arn',
      Attributes: [{ Key: 'a', Value: '1' }, { Key: 'b' }],
    });
  });

  test.each([
    ['Port=many', 'Port: expected number'],
    ['HealthCheckEnabled=perhaps', 'HealthCheckEnabled: expected true or false'],
  ])('%s is refused', (form, message) => {
    expect(() => read('CreateTargetGroup', `Name=n&${form}`)).toThrow(message);
  });
});

describe('XML', () => {
  const configuration = operation(storage, 'PutBucketLifecycleConfiguration').input.getMemberSchema(
    'LifecycleConfiguration',
  );

  test('what is written is read', () => {
    const value = {
      Rules: [{ ID: 'a & <b>', Status: 'Enabled', Filter: { Prefix: "it's" }, Expiration: { Days: 3 } }],
    };
    expect(parseXmlBody(configuration, toXml(configuration, value, 'LifecycleConfiguration'))).toEqual(value);
  });

  test.each([
    ['<LifecycleConfiguration><Rule>', 'well-formed XML'],
    [
      '<LifecycleConfiguration><Rule><Expiration><Days>x</Days></Expiration></Rule></LifecycleConfiguration>',
      'Days: expected number',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => parseXmlBody(configuration, text)).toThrow(message);
  });
});

describe('routes', () => {
  const route = (method: string, target: string, headers: Record<string, string> = {}) => {
    const [path = '', query = ''] = target.split('?');
    return matchRoute(storage, { method, path, query: new URLSearchParams(query), headers } as AwsRequest);
  };

  test.each([
    ['GET', '/', 'ListBuckets'],
    ['PUT', '/bucket/', 'CreateBucket'],
    ['GET', '/bucket?list-type=2&prefix=a', 'ListObjectsV2'],
    ['GET', '/bucket', 'ListObjects'],
    ['PUT', '/bucket/key?tagging', 'PutObjectTagging'],
    ['PUT', '/bucket/key?partNumber=1&uploadId=u', 'UploadPart'],
    ['POST', '/bucket/key?uploads', 'CreateMultipartUpload'],
    ['POST', '/bucket?delete', 'DeleteObjects'],
    ['PUT', '/bucket/a/b/', 'PutObject'],
    ['GET', '/bucket/key?legal-hold', 'GetObjectLegalHold'],
  ])('%s %s is %s', (method, target, name) => {
    expect(route(method, target)?.operation.name).toBe(name);
  });

  test('a copy is told from a put by its header; labels are decoded', () => {
    expect(route('PUT', '/bucket/a%20b//c', { 'x-amz-copy-source': 'x/y' })).toMatchObject({
      operation: { name: 'CopyObject' },
      labels: { Bucket: 'bucket', Key: 'a b//c' },
    });
  });
});

describe('aws-chunked bodies', () => {
  const decode = async (text: string, declared?: string, parts = 1) => {
    const size = Math.ceil(text.length / parts);
    const pieces = Array.from({ length: parts }, (_, n) => Buffer.from(text.slice(n * size, (n + 1) * size)));
    const trailers: Record<string, string> = {};
    const headers = declared ? { 'x-amz-decoded-content-length': declared } : {};
    const body = decodeChunked(Readable.from(pieces), headers, trailers);
    return { body: Buffer.concat(await body.toArray()).toString(), trailers };
  };
  const BODY = '5;chunk-signature=abc\r\nhello\r\n7\r\n, world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n';

  test.each([1, 2, 7, BODY.length])('are unframed, arriving in %i parts', async (parts) => {
    expect(await decode(BODY, '12', parts)).toEqual({
      body: 'hello, world',
      trailers: { 'x-amz-checksum-crc32': 'AAAA' },
    });
  });

  test.each([
    ['cut off', BODY.slice(0, 40), undefined],
    ['no chunks', 'plain text', undefined],
    ['a size that is no number', 'zz\r\nhello\r\n0\r\n\r\n', undefined],
    ['another length than declared', BODY, '13'],
  ])('%s is refused', async (_what, text, declared) => {
    await expect(decode(text, declared)).rejects.toMatchObject({ name: 'IncompleteBody' });
  });
});
