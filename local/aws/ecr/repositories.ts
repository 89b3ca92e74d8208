import type { ImageTagMutability, Repository as RepositoryShape } from '@aws-sdk/client-ecr';
import type { Cloud } from '../../cloud.ts';
import { arn } from '../kit/arn.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

export interface Repository {
  readonly name: string;
  /** Milliseconds since the epoch, as every time here. */
  readonly created: number;
  readonly mutability: ImageTagMutability;
  readonly scanOnPush: boolean;
  readonly encryption: { readonly encryptionType: 'AES256' | 'KMS' | 'KMS_DSSE'; readonly kmsKey?: string };
  readonly tags: Tags;
  readonly lifecyclePolicy?: string;
  readonly policy?: string;
}

export interface Repositories {
  all(): Repository[];
  find(name: string): Repository;
  findByArn(arn: string): Repository;
  exists(name: string): boolean;
  save(repository: Repository): void;
  remove(name: string): void;
}

export function openRepositories(cloud: Pick<Cloud, 'store' | 'accountId'>): Repositories {
  const repositories = cloud.store.collection<Repository>('ecr/repositories');
  const find = (name: string) => {
    const repository = repositories.get(name);
    if (repository) return repository;
    const message = `The repository with name '${name}' does not exist in the registry with id '${cloud.accountId}'`;
    throw new AwsError('RepositoryNotFoundException', message);
  };
  return {
    all: () => repositories.entries().map(([, repository]) => repository),
    find,
    findByArn: (resource) => find(resource.replace(/^arn:[^:]+:ecr:[^:]*:[^:]*:repository\//, '')),
    exists: (name) => repositories.get(name) !== undefined,
    save: (repository) => repositories.set(repository.name, repository),
    remove: (name) => void repositories.delete(name),
  };
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
export function checkName(name: string): void {
  const part = '[a-z0-9]+(?:[._-][a-z0-9]+)*';
  if (name.length >= 2 && name.length <= 256 && new RegExp(`^${part}(?:/${part})*$`).test(name)) return;
  throw invalid(
    `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:${part}/)*${part}''`,
  );
}

/** Tag mutability with exceptions for some tags is refused: the local registry knows only repositories. */
export function checkMutability(mutability: ImageTagMutability): ImageTagMutability {
  if (mutability === 'MUTABLE' || mutability === 'IMMUTABLE') return mutability;
  throw new AwsError('UnsupportedOperation', `ecr: ${mutability} is not supported by the local cloud`, { status: 501 });
}

export function describeRepository(cloud: Cloud, repository: Repository): RepositoryShape {
  return {
    repositoryArn: arn(cloud, 'ecr', `repository/${repository.name}`),
    registryId: cloud.accountId,
    repositoryName: repository.name,
    repositoryUri: `${cloud.endpoints.registry}/${repository.name}`,
    createdAt: new Date(repository.created),
    imageTagMutability: repository.mutability,
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: repository.encryption,
  };
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
