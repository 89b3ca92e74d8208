import type * as ecr from '@aws-sdk/client-ecr';
import { sha256 } from '../../../pipeline/image/registry/digest.ts';
import type { Cloud } from '../../cloud.ts';
import { DistributionError, type RegistryStorage, type StoredImage } from '../../registry/registry.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import { AwsError } from '../kit/service.ts';
import { invalid, type Repositories, type Repository } from './repositories.ts';

/** What ECR needs of the registry's storage. */
export type ImageStorage = Pick<RegistryStorage, 'describe' | 'describeAll' | 'deleteRepository' | 'images'>;

export interface EcrContext {
  readonly cloud: Cloud;
  readonly repositories: Repositories;
  readonly images: ImageStorage;
}

/** Operations that read images. */
export function imageReadOperations({ cloud, repositories, images }: EcrContext) {
  const listed = (name: string, filter: { tagStatus?: ecr.TagStatus } | undefined) =>
    images.describeAll(name).filter(({ tags }) => {
      if (filter?.tagStatus === 'TAGGED') return tags.length > 0;
      return filter?.tagStatus !== 'UNTAGGED' || tags.length === 0;
    });
  return {
    DescribeImages(input: Input<ecr.DescribeImagesRequest>): ecr.DescribeImagesResponse {
      const { name } = repositories.find(input.repositoryName);
      const found = input.imageIds
        ? unique(input.imageIds.map((id) => findImage(images, name, id) ?? throwNotFound(cloud, name, id)))
        : listed(name, input.filter).toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
      const request = { key: digestOf, after: input.nextToken, limit: input.maxResults ?? 100 };
      const { items, next } = input.imageIds ? { items: found, next: undefined } : page(found, request);
      return { imageDetails: items.map((image) => describeImage(cloud, name, image)), nextToken: next };
    },
    ListImages(input: Input<ecr.ListImagesRequest>): ecr.ListImagesResponse {
      const { name } = repositories.find(input.repositoryName);
      const ids = listed(name, input.filter).flatMap((image) => identifiers(image));
      const key = ({ imageDigest, imageTag }: ecr.ImageIdentifier) => `${imageDigest} ${imageTag ?? ''}`;
      const ordered = ids.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
      const { items, next } = page(ordered, { key, after: input.nextToken, limit: input.maxResults ?? 100 });
      return { imageIds: items, nextToken: next };
    },
    BatchGetImage(input: Input<ecr.BatchGetImageRequest>): ecr.BatchGetImageResponse {
      const { name } = repositories.find(input.repositoryName);
      const found: ecr.Image[] = [];
      const failures: ecr.ImageFailure[] = [];
      for (const id of input.imageIds) {
        const image = findImage(images, name, id);
        if (image) found.push(describeManifest(cloud, name, { image, tag: id.imageTag }));
        else failures.push(notFoundFailure(id));
      }
      return { images: found, failures };
    },
  };
}

/** Operations that put and delete images. */
export function imageWriteOperations({ cloud, repositories, images }: EcrContext) {
  return {
    PutImage(input: Input<ecr.PutImageRequest>): ecr.PutImageResponse {
      const repository = repositories.find(input.repositoryName);
      const { name } = repository;
      const bytes = Buffer.from(input.imageManifest);
      const before = input.imageTag ? images.describe(name, input.imageTag) : undefined;
      refuseMove(repository, { before, bytes, tag: input.imageTag });
      const media = input.imageManifestMediaType ? { mediaType: input.imageManifestMediaType } : {};
      const target = input.imageTag ?? input.imageDigest ?? sha256(bytes);
      const { digest } = translated(() => images.images.put(name, target, { bytes, ...media }));
      const image = images.describe(name, digest);
      if (!image) throw new Error(`the registry lost ${digest} right after it was put`);
      return { image: describeManifest(cloud, name, { image, tag: input.imageTag }) };
    },
    BatchDeleteImage(input: Input<ecr.BatchDeleteImageRequest>): ecr.BatchDeleteImageResponse {
      const { name } = repositories.find(input.repositoryName);
      const imageIds: ecr.ImageIdentifier[] = [];
      const failures: ecr.ImageFailure[] = [];
      for (const id of input.imageIds) {
        const image = findImage(images, name, id);
        if (!image) failures.push(notFoundFailure(id));
        else imageIds.push(...remove(images, name, { image, tag: id.imageTag }));
      }
      return { imageIds, failures };
    },
  };
}

/** Deleting the last tag of an image by its tag deletes the image; deleting by digest deletes all its tags. */
function remove(images: ImageStorage, name: string, { image, tag }: { image: StoredImage; tag: string | undefined }) {
  const whole = tag === undefined || image.tags.length <= 1;
  images.images.delete(name, whole ? image.digest : tag);
  return whole ? identifiers(image) : [{ imageDigest: image.digest, imageTag: tag }];
}

function findImage(images: ImageStorage, name: string, id: ecr.ImageIdentifier): StoredImage | undefined {
  if (!id.imageDigest && !id.imageTag) throw invalid('An image needs imageDigest or imageTag.');
  const image = images.describe(name, id.imageTag ?? id.imageDigest ?? '');
  return image && id.imageDigest && image.digest !== id.imageDigest ? undefined : image;
}

function refuseMove(
  { name, mutability }: Repository,
  { before, bytes, tag }: { before: StoredImage | undefined; bytes: Buffer; tag: string | undefined },
): void {
  if (!before) return;
  if (before.bytes.equals(bytes)) {
    const message = `Image with digest '${before.digest}' and tag '${tag}' already exists in the repository with name '${name}'`;
    throw new AwsError('ImageAlreadyExistsException', message);
  }
  if (mutability === 'IMMUTABLE') throw new AwsError('ImageTagAlreadyExistsException', immutable(name, tag));
}

function immutable(name: string, tag: string | undefined): string {
  return `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the tag is immutable.`;
}

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DistributionError)) throw error;
    if (error.code === 'MANIFEST_BLOB_UNKNOWN') throw new AwsError('LayersNotFoundException', error.message);
    if (error.code === 'DIGEST_INVALID') throw new AwsError('ImageDigestDoesNotMatchException', error.message);
    throw invalid(error.message);
  }
}

function throwNotFound(cloud: Cloud, name: string, { imageDigest, imageTag }: ecr.ImageIdentifier): never {
  const id = `{imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'}`;
  const message = `The image with imageId ${id} does not exist within the repository with name '${name}' in the registry with id '${cloud.accountId}'`;
  throw new AwsError('ImageNotFoundException', message);
}

function notFoundFailure(imageId: ecr.ImageIdentifier): ecr.ImageFailure {
  return { imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' };
}

function describeImage(cloud: Cloud, repositoryName: string, image: StoredImage): ecr.ImageDetail {
  return {
    registryId: cloud.accountId,
    repositoryName,
    imageDigest: image.digest,
    ...(image.tags.length > 0 ? { imageTags: [...image.tags] } : {}),
    imageSizeInBytes: image.size,
    imagePushedAt: new Date(image.pushedAt),
    imageManifestMediaType: image.mediaType,
    ...('config' in image.document ? { artifactMediaType: image.document.config.mediaType } : {}),
  };
}

function describeManifest(
  cloud: Cloud,
  repositoryName: string,
  { image, tag }: { image: StoredImage; tag: string | undefined },
): ecr.Image {
  return {
    registryId: cloud.accountId,
    repositoryName,
    imageId: { imageDigest: image.digest, ...(tag ? { imageTag: tag } : {}) },
    imageManifest: image.bytes.toString(),
    imageManifestMediaType: image.mediaType,
  };
}

function identifiers({ digest, tags }: StoredImage): ecr.ImageIdentifier[] {
  return tags.length > 0 ? tags.map((imageTag) => ({ imageDigest: digest, imageTag })) : [{ imageDigest: digest }];
}

function unique(images: readonly StoredImage[]): StoredImage[] {
  return [...new Map(images.map((image) => [image.digest, image])).values()];
}

function digestOf({ digest }: StoredImage): string {
  return digest;
}
