import {
  Construct,
  S3Bucket,
  S3BucketLifecycleConfiguration,
  S3BucketLoggingA,
  S3BucketOwnershipControls,
  S3BucketPolicy,
  S3BucketPublicAccessBlock,
  S3BucketServerSideEncryptionConfigurationA,
  S3BucketVersioningA,
  TerraformStack,
} from '../cdktf.ts';
import { onlyTls, policyDocument, type Statement } from './policy.ts';

interface BucketProperties {
  readonly name: string;
  /** ARN of the key. Absent: encrypted with S3's own key, which is all that log delivery can write to. */
  readonly keyArn?: string;
  /** Days after which objects expire. Absent: never. */
  readonly expireAfterDays?: number;
  /** Expiry of parts of the bucket, by prefix. */
  readonly expirePrefixes?: Readonly<Record<string, number>>;
  /** Bucket that receives the access log. */
  readonly logBucket?: string;
  readonly statements?: readonly Statement[];
  /** Terraform refuses to destroy it. */
  readonly protect?: boolean;
  /** Destroying it destroys what is in it. */
  readonly disposable?: boolean;
  /** It was made before Terraform had a state, which takes it over. */
  readonly existing?: boolean;
}

const OLD_VERSION_DAYS = 30;

/** A private, encrypted, versioned bucket that only speaks TLS. */
export class Bucket extends Construct {
  /** Name of the bucket as Terraform knows it, so that what uses it waits for it. */
  readonly bucket: string;
  /** Waits for the policy, too: services that deliver logs check it when they are set up. */
  readonly policy: S3BucketPolicy;

  constructor(scope: Construct, id: string, properties: BucketProperties) {
    super(scope, id);
    const { name, keyArn, logBucket, statements = [] } = properties;
    const bucket = createBucket(this, properties);
    this.bucket = bucket;
    new S3BucketPublicAccessBlock(this, 'public-access', {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, 'ownership', { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } });
    new S3BucketVersioningA(this, 'versioning', { bucket, versioningConfiguration: { status: 'Enabled' } });
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', { bucket, rule: [encryption(keyArn)] });
    new S3BucketLifecycleConfiguration(this, 'lifecycle', { bucket, rule: lifecycle(properties) });
    if (logBucket !== undefined) {
      new S3BucketLoggingA(this, 'logging', { bucket, targetBucket: logBucket, targetPrefix: `s3/${name}/` });
    }
    this.policy = new S3BucketPolicy(this, 'policy', {
      bucket,
      policy: policyDocument([onlyTls(['s3:*'], [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`]), ...statements]),
    });
  }
}

function createBucket(scope: Construct, { name, protect, disposable, existing }: BucketProperties): string {
  const bucket = new S3Bucket(scope, 'bucket', {
    bucket: name,
    ...(protect === true ? { lifecycle: { preventDestroy: true } } : {}),
    ...(disposable === true ? { forceDestroy: true } : {}),
  });
  if (existing === true) takeOver(bucket, name);
  return bucket.id;
}

/** An import block. CDKTF's own way to write one starts `terraform version` in every synthesis. */
function takeOver(bucket: S3Bucket, id: string): void {
  const to = `${bucket.terraformResourceType}.${bucket.friendlyUniqueId}`;
  TerraformStack.of(bucket).addOverride('import', [{ to, id }]);
}

const encryption = (keyArn: string | undefined) =>
  keyArn === undefined
    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
    : {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
        bucketKeyEnabled: true,
      };

function lifecycle({ expireAfterDays, expirePrefixes = {} }: BucketProperties) {
  const tidy = {
    id: 'tidy',
    status: 'Enabled',
    filter: [{ prefix: '' }],
    abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
    noncurrentVersionExpiration: [{ noncurrentDays: OLD_VERSION_DAYS }],
  };
  const expire = (id: string, prefix: string, days: number) => ({
    id,
    status: 'Enabled',
    filter: [{ prefix }],
    expiration: [{ days }],
  });
  const parts = Object.entries(expirePrefixes).map(([prefix, days]) => expire(`expire-${prefix}`, prefix, days));
  return [tidy, ...(expireAfterDays === undefined ? [] : [expire('expire', '', expireAfterDays)]), ...parts];
}
