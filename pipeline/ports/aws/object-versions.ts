import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** Where versions of objects are. */
export interface Versioned {
  readonly Bucket: string;
  /** Only what begins so. */
  readonly Prefix?: string;
}

/** How many versions and delete markers there are: a deleted object of a versioned bucket is still there. */
export async function countVersions(client: S3Client, place: Versioned): Promise<number> {
  let count = 0;
  for await (const versions of pages(client, place)) count += versions.length;
  return count;
}

/** Deletes all of them, so that nothing is left. */
export async function deleteVersions(client: S3Client, place: Versioned): Promise<void> {
  // A page has at most the 1000 keys that DeleteObjects takes.
  for await (const Objects of pages(client, place)) {
    if (Objects.length > 0)
      await client.send(
        new DeleteObjectsCommand({ Bucket: place.Bucket, Delete: { Objects: [...Objects], Quiet: true } }),
      );
  }
}

type Version = { readonly Key: string | undefined; readonly VersionId: string | undefined };

async function* pages(client: S3Client, place: Versioned): AsyncGenerator<readonly Version[]> {
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ ...place, ...marker }),
    );
    const { Versions = [], DeleteMarkers = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    yield [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    marker = IsTruncated
      ? {
          ...(NextKeyMarker && { KeyMarker: NextKeyMarker }),
          ...(NextVersionIdMarker && { VersionIdMarker: NextVersionIdMarker }),
        }
      : undefined;
  }
}
