import type { Project } from '../../pipeline/manifest/names.ts';
import type { Construct } from '../cdktf.ts';
import { Bucket } from './bucket.ts';
import type { Statement } from './policy.ts';

const KEEP_DAYS = 90;

/**
 * The bucket to which AWS delivers logs of the load balancer, the network and other buckets. Load balancers can only write to
 * buckets that are encrypted with S3's own key.
 */
export function createLogBucket(scope: Construct, project: Project, name: string): Bucket {
  return new Bucket(scope, 'logs', {
    name,
    expireAfterDays: KEEP_DAYS,
    statements: [
      delivery(project, {
        Sid: 'LoadBalancer',
        service: 'logdelivery.elasticloadbalancing.amazonaws.com',
        path: `${name}/alb/*`,
      }),
      delivery(project, { Sid: 'Buckets', service: 'logging.s3.amazonaws.com', path: `${name}/s3/*` }),
      delivery(project, { Sid: 'Network', service: 'delivery.logs.amazonaws.com', path: `${name}/vpc/*` }),
      {
        ...delivery(project, { Sid: 'NetworkCheck', service: 'delivery.logs.amazonaws.com', path: name }),
        Action: ['s3:GetBucketAcl'],
      },
    ],
  });
}

function delivery(
  { accountId }: Project,
  { Sid, service, path }: { readonly Sid: string; readonly service: string; readonly path: string },
): Statement {
  return {
    Sid,
    Effect: 'Allow',
    Principal: { Service: service },
    Action: ['s3:PutObject'],
    Resource: [`arn:aws:s3:::${path}`],
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  };
}
