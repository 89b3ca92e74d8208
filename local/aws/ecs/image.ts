import type { Cloud } from '../../cloud.ts';

const REFERENCE = /^([^/]+)\/([^@:]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** ECS resolves a tag to a digest when a task starts; a digest is taken as it is. Throws what ECS would say. */
export async function resolveImage(cloud: Cloud, image: string): Promise<string> {
  const [, host, repositoryName, tag = 'latest', digest] = REFERENCE.exec(image) ?? [];
  if (!host || !repositoryName) throw cannotPull(image, 'the reference is not valid');
  if (digest) return `${host}/${repositoryName}@${digest}`;
  try {
    const { imageDetails } = await cloud.invoke<{ imageDetails?: { imageDigest?: string }[] }>(
      'ecr',
      'DescribeImages',
      {
        repositoryName,
        imageIds: [{ imageTag: tag }],
      },
    );
    return `${host}/${repositoryName}@${imageDetails?.[0]?.imageDigest ?? ''}`;
  } catch {
    throw cannotPull(image, 'not found');
  }
}

function cannotPull(image: string, reason: string): Error {
  return new Error(
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ${reason}`,
  );
}
