import { type Project, stateBucketName } from '../../pipeline/manifest/names.ts';
import { Cloudtrail, CloudwatchLogGroup, Construct } from '../cdktf.ts';
import { Bucket } from './bucket.ts';
import { Key, logsMayUseKey, serviceMayUseKey } from './key.ts';
import { allow, type Statement } from './policy.ts';
import { ServiceRole } from './role.ts';

interface TrailProperties {
  readonly project: Project;
  readonly boundary: string;
  readonly bucketName: string;
  readonly logBucket: string;
}

const SERVICE = 'cloudtrail.amazonaws.com';
const KEEP_DAYS = 400;
const SEARCH_DAYS = 365;

/** Who did what in the account, in every region, with proof that nobody changed the record; under a key of its own. */
export class Trail extends Construct {
  constructor(scope: Construct, id: string, { project, boundary, bucketName, logBucket }: TrailProperties) {
    super(scope, id);
    const { app, accountId, region } = project;
    const name = `${app}-trail`;
    const trailArn = `arn:aws:cloudtrail:${region}:${accountId}:trail/${name}`;
    const key = createKey(this, project);
    const bucket = new Bucket(this, 'bucket', {
      name: bucketName,
      keyArn: key.arn,
      expireAfterDays: KEEP_DAYS,
      logBucket,
      statements: deliveryStatements({ bucketName, trailArn, accountId }),
    });
    const group = new CloudwatchLogGroup(this, 'log-group', {
      name: `/${app}/account/trail`,
      retentionInDays: SEARCH_DAYS,
      kmsKeyId: key.arn,
    });
    const role = new ServiceRole(this, 'role', {
      name,
      description: 'Writes the trail to its log group',
      service: SERVICE,
      accountId,
      boundary,
      statements: [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${group.arn}:*`])],
    });
    new Cloudtrail(this, 'trail', {
      name,
      s3BucketName: bucket.bucket,
      kmsKeyId: key.arn,
      cloudWatchLogsGroupArn: `${group.arn}:*`,
      cloudWatchLogsRoleArn: role.arn,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      enableLogging: true,
      // Who read or wrote which state; other objects would cost more than they tell.
      eventSelector: [
        { dataResource: [{ type: 'AWS::S3::Object', values: [`arn:aws:s3:::${stateBucketName(project)}/`] }] },
      ],
      dependsOn: [bucket.policy],
    });
  }
}

const createKey = (scope: Construct, project: Project): Key =>
  new Key(scope, 'key', {
    project,
    name: 'audit',
    description: 'The record of who did what',
    deletionDays: 30,
    statements: [logsMayUseKey(project), serviceMayUseKey('Trail', SERVICE, project.accountId)],
  });

interface Delivery {
  readonly bucketName: string;
  readonly trailArn: string;
  readonly accountId: string;
}

function deliveryStatements({ bucketName, trailArn, accountId }: Delivery): Statement[] {
  const common = {
    Effect: 'Allow',
    Principal: { Service: SERVICE },
    Condition: { StringEquals: { 'aws:SourceArn': trailArn } },
  } as const;
  return [
    { ...common, Sid: 'TrailCheck', Action: ['s3:GetBucketAcl'], Resource: [`arn:aws:s3:::${bucketName}`] },
    {
      ...common,
      Sid: 'TrailDelivery',
      Action: ['s3:PutObject'],
      Resource: [`arn:aws:s3:::${bucketName}/AWSLogs/${accountId}/*`],
    },
  ];
}
