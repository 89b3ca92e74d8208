import type { Cloud } from '../../cloud.ts';
import { currentRequest } from '../kit/request.ts';
import type { AwsService, Operation } from '../kit/service.ts';
import { openSessions } from '../sts/sessions.ts';
import { openBodies } from './bodies.ts';
import { bucketOperations } from './bucket-operations.ts';
import { openBuckets } from './buckets.ts';
import { copyOperations } from './copy.ts';
import { deleteOperations } from './delete.ts';
import { listOperations } from './listing.ts';
import { multipartOperations } from './multipart.ts';
import { objectOperations } from './object-operations.ts';
import type { S3Context } from './objects.ts';
import { checkPresigned } from './presigned.ts';
import { settingOperations } from './settings.ts';

/**
 * S3, path style: objects as files under `<home>/s3`, everything about them in the store. Not emulated: ACLs, Object Lock, SSE-C, browser
 * forms (POST policy), CORS answers, access by bucket policy.
 */
export function createS3Service(cloud: Cloud): AwsService {
  const context: S3Context = { cloud, buckets: openBuckets(cloud), bodies: openBodies(cloud.home) };
  const operations: Record<string, Operation> = {
    ...bucketOperations(context),
    ...settingOperations(context.buckets),
    ...objectOperations(context),
    ...copyOperations(context),
    ...deleteOperations(context),
    ...listOperations(context),
    ...multipartOperations(context),
  };
  return { name: 's3', operations: withPresignedCheck(cloud, operations), start: async () => removeOrphans(context) };
}

function withPresignedCheck(cloud: Cloud, operations: Readonly<Record<string, Operation>>): Record<string, Operation> {
  const sessions = openSessions(cloud);
  const checked =
    (run: Operation): Operation =>
    (input) => {
      const request = currentRequest();
      if (request) checkPresigned({ request, now: cloud.now(), secretOf: sessions.secretOf });
      return run(input);
    };
  return Object.fromEntries(Object.entries(operations).map(([name, run]) => [name, checked(run)]));
}

/** A crash between a body and its record leaves a file that nothing names. */
function removeOrphans({ cloud, buckets, bodies }: S3Context): void {
  const named = new Set<string>();
  for (const { name } of buckets.all()) {
    for (const [, { versions }] of buckets.objects(name).entries())
      for (const { body } of versions) if (body) named.add(body);
    for (const [, { parts }] of buckets.uploads(name).entries())
      for (const { body } of Object.values(parts)) named.add(body);
  }
  const removed = bodies.keepOnly(named);
  if (removed > 0) cloud.log({ source: 's3', message: `removed ${removed} bodies that no object names` });
}
