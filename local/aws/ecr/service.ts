import type * as ecr from '@aws-sdk/client-ecr';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import { AwsError, type AwsService } from '../kit/service.ts';
import { tagPairs, tagsOf, withoutTags } from '../kit/tags.ts';
import { accountSettingOperations } from './account-settings.ts';
import { type EcrContext, type ImageStorage, imageReadOperations, imageWriteOperations } from './image-operations.ts';
import { policyOperations } from './policies.ts';
import { openTokens } from './registry-rules.ts';
import { checkMutability, checkName, describeRepository, openRepositories, type Repository } from './repositories.ts';

/**
 * ECR's control plane over the storage of the local registry, so that what was pushed is what ECR describes. Layers are pushed to the
 * registry itself. Lifecycle policies are kept but not executed; images are not scanned.
 */
export function createEcrService(cloud: Cloud, images: ImageStorage): AwsService {
  const context = { cloud, repositories: openRepositories(cloud), images };
  return {
    name: 'ecr',
    operations: {
      ...repositoryOperations(context),
      ...settingOperations(context),
      ...policyOperations(context),
      ...accountSettingOperations(cloud),
      ...imageReadOperations(context),
      ...imageWriteOperations(context),
    },
  };
}

function repositoryOperations({ cloud, repositories, images }: EcrContext) {
  const tokens = openTokens(cloud);
  return {
    CreateRepository(input: Input<ecr.CreateRepositoryRequest>): ecr.CreateRepositoryResponse {
      checkName(input.repositoryName);
      if (repositories.exists(input.repositoryName)) {
        const message = `The repository with name '${input.repositoryName}' already exists in the registry with id '${cloud.accountId}'`;
        throw new AwsError('RepositoryAlreadyExistsException', message);
      }
      const repository = {
        name: input.repositoryName,
        created: cloud.now(),
        mutability: checkMutability(input.imageTagMutability ?? 'MUTABLE'),
        scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
        encryption: input.encryptionConfiguration ?? { encryptionType: 'AES256' as const },
        tags: tagsOf(input.tags),
      };
      repositories.save(repository);
      return { repository: describeRepository(cloud, repository) };
    },
    DescribeRepositories(input: Input<ecr.DescribeRepositoriesRequest>): ecr.DescribeRepositoriesResponse {
      const found = input.repositoryNames?.map((name) => repositories.find(name)) ?? repositories.all();
      const request = {
        key: ({ name }: Repository) => name,
        after: input.nextToken,
        limit: input.maxResults ?? 100,
      };
      const { items, next } = input.repositoryNames ? { items: found, next: undefined } : page(found, request);
      return { repositories: items.map((repository) => describeRepository(cloud, repository)), nextToken: next };
    },
    DeleteRepository(input: Input<ecr.DeleteRepositoryRequest>): ecr.DeleteRepositoryResponse {
      const repository = repositories.find(input.repositoryName);
      if (!input.force && images.describeAll(repository.name).length > 0) {
        const message = `The repository with name '${repository.name}' in registry with id '${cloud.accountId}' cannot be deleted because it still contains images`;
        throw new AwsError('RepositoryNotEmptyException', message);
      }
      images.deleteRepository(repository.name);
      repositories.remove(repository.name);
      return { repository: describeRepository(cloud, repository) };
    },
    GetAuthorizationToken(): ecr.GetAuthorizationTokenResponse {
      const { token, expires } = tokens.issue();
      const proxyEndpoint = `http://${cloud.endpoints.registry}`;
      return { authorizationData: [{ authorizationToken: token, expiresAt: new Date(expires), proxyEndpoint }] };
    },
  };
}

function settingOperations({ cloud, repositories }: EcrContext) {
  return {
    PutImageTagMutability(input: Input<ecr.PutImageTagMutabilityRequest>): ecr.PutImageTagMutabilityResponse {
      const mutability = checkMutability(input.imageTagMutability);
      repositories.save({ ...repositories.find(input.repositoryName), mutability });
      return { registryId: cloud.accountId, repositoryName: input.repositoryName, imageTagMutability: mutability };
    },
    PutImageScanningConfiguration(
      input: Input<ecr.PutImageScanningConfigurationRequest>,
    ): ecr.PutImageScanningConfigurationResponse {
      const scanOnPush = input.imageScanningConfiguration.scanOnPush ?? false;
      repositories.save({ ...repositories.find(input.repositoryName), scanOnPush });
      const { repositoryName } = input;
      return { registryId: cloud.accountId, repositoryName, imageScanningConfiguration: { scanOnPush } };
    },
    TagResource(input: Input<ecr.TagResourceRequest>) {
      const repository = repositories.findByArn(input.resourceArn);
      repositories.save({ ...repository, tags: { ...repository.tags, ...tagsOf(input.tags) } });
      return {};
    },
    UntagResource(input: Input<ecr.UntagResourceRequest>) {
      const repository = repositories.findByArn(input.resourceArn);
      repositories.save({ ...repository, tags: withoutTags(repository.tags, input.tagKeys) });
      return {};
    },
    ListTagsForResource: (input: Input<ecr.ListTagsForResourceRequest>): ecr.ListTagsForResourceResponse => ({
      tags: tagPairs(repositories.findByArn(input.resourceArn).tags),
    }),
  };
}
