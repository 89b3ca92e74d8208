import { AwsError, type Operation } from '../kit/service.ts';
import type { Buckets } from './buckets.ts';

/** A sub-resource of a bucket that is stored as it was put and given back. */
interface Setting {
  /** Name in the operations: `Put<name>`, `Get<name>`, `Delete<name>`. */
  readonly name: string;
  /** Member of the Put input that carries the configuration. */
  readonly member: string;
  /** Whether the Get output has the configuration under the member's name or is the configuration itself. */
  readonly output: 'member' | 'itself';
  /** Name of the delete operation where it is not `Delete<name>`; null where there is none. */
  readonly remove?: string | null;
  /** What a bucket has before anything is put: a configuration, or the error that Get answers. */
  readonly initially: object | string;
}

const ALL_BLOCKED = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const AES256 = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }] };

/** Defaults are those of buckets made since April 2023. */
const SETTINGS: readonly Setting[] = [
  { name: 'BucketEncryption', member: 'ServerSideEncryptionConfiguration', output: 'member', initially: AES256 },
  { name: 'PublicAccessBlock', member: 'PublicAccessBlockConfiguration', output: 'member', initially: ALL_BLOCKED },
  {
    name: 'BucketOwnershipControls',
    member: 'OwnershipControls',
    output: 'member',
    initially: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  },
  { name: 'BucketPolicy', member: 'Policy', output: 'member', initially: 'NoSuchBucketPolicy' },
  {
    name: 'BucketLifecycleConfiguration',
    member: 'LifecycleConfiguration',
    output: 'itself',
    remove: 'DeleteBucketLifecycle',
    initially: 'NoSuchLifecycleConfiguration',
  },
  { name: 'BucketTagging', member: 'Tagging', output: 'itself', initially: 'NoSuchTagSet' },
  { name: 'BucketCors', member: 'CORSConfiguration', output: 'itself', initially: 'NoSuchCORSConfiguration' },
  { name: 'BucketLogging', member: 'BucketLoggingStatus', output: 'itself', remove: null, initially: {} },
  {
    name: 'BucketNotificationConfiguration',
    member: 'NotificationConfiguration',
    output: 'itself',
    remove: null,
    initially: {},
  },
];

/** What Get answers after a Delete, where that is not what a new bucket has. */
const AFTER_DELETE: Readonly<Record<string, string>> = {
  PublicAccessBlockConfiguration: 'NoSuchPublicAccessBlockConfiguration',
  OwnershipControls: 'OwnershipControlsNotFoundError',
};

const MESSAGES: Readonly<Record<string, string>> = {
  NoSuchBucketPolicy: 'The bucket policy does not exist',
  NoSuchLifecycleConfiguration: 'The lifecycle configuration does not exist',
  NoSuchTagSet: 'The TagSet does not exist',
  NoSuchCORSConfiguration: 'The CORS configuration does not exist',
  NoSuchPublicAccessBlockConfiguration: 'The public access block configuration was not found',
  OwnershipControlsNotFoundError: 'The bucket ownership controls were not found',
};

/**
 * Put, Get and Delete of the sub-resources. The local cloud keeps them so that what was configured can be read; it does not expire
 * objects by lifecycle, send notifications, write access logs or evaluate policies.
 */
export function settingOperations(buckets: Buckets): Record<string, Operation> {
  return Object.assign({}, ...SETTINGS.map((setting) => operationsOf(buckets, setting)));
}

function operationsOf(buckets: Buckets, setting: Setting): Record<string, Operation> {
  const { name, member, output, initially } = setting;
  const remove = setting.remove === undefined ? `Delete${name}` : setting.remove;
  const change = (bucketName: string, value: unknown) => {
    const bucket = buckets.find(bucketName);
    buckets.save({ ...bucket, settings: { ...bucket.settings, [member]: value } });
    return {};
  };
  const operations: Record<string, Operation> = {
    [`Put${name}`]: (input) => change(input.Bucket, input[member] ?? {}),
    [`Get${name}`]: (input) => {
      const { settings } = buckets.find(input.Bucket);
      const value = settings[member] === null ? (AFTER_DELETE[member] ?? initially) : (settings[member] ?? initially);
      if (typeof value === 'string' && value in MESSAGES)
        throw new AwsError(value, MESSAGES[value] ?? '', { status: 404 });
      return output === 'member' ? { [member]: value } : (value as object);
    },
  };
  if (remove) operations[remove] = (input) => change(input.Bucket, null);
  return operations;
}
