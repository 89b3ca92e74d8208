import { DescribeImagesCommand, ECRClient, type ECRClientConfig } from '@aws-sdk/client-ecr';
import { type Images, repositoryOf } from '../images.ts';

export function createImages(options: ECRClientConfig): Images {
  const client = new ECRClient(options);
  return {
    async exists(repositoryUrl, digest) {
      try {
        const answer = await client.send(
          new DescribeImagesCommand({
            repositoryName: repositoryOf(repositoryUrl),
            imageIds: [{ imageDigest: digest }],
          }),
        );
        return (answer.imageDetails?.length ?? 0) > 0;
      } catch (error) {
        if (error instanceof Error && /^(ImageNotFound|RepositoryNotFound)Exception$/.test(error.name)) return false;
        throw error;
      }
    },
  };
}
