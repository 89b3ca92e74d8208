import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { requireText, type Values } from '../schema/value.ts';
import { changed, changeTags, orNull, tagList, tagsFrom } from './common.ts';
import { shapeOf } from './shape.ts';

const SERVICE = 'ecr';
const GONE = ['RepositoryNotFoundException'];
const shape = shapeOf('aws_ecr_repository', {
  style: 'camel',
  rename: { image_tag_mutability_exclusion_filter: 'imageTagMutabilityExclusionFilters' },
});
const MUTABILITY = ['image_tag_mutability', 'image_tag_mutability_exclusion_filter'];

interface Repository {
  readonly repositoryName: string;
  readonly repositoryArn: string;
  readonly repositoryUri: string;
  readonly registryId: string;
}

const repositoryBackend: Backend = {
  async create(planned, context) {
    const repositoryName = requireText(planned, 'name');
    await context.call(SERVICE, 'CreateRepository', {
      repositoryName,
      ...shape.toSdk(planned, [...MUTABILITY, 'image_scanning_configuration']),
      ...encryption(planned),
      tags: tagList(planned),
    });
    return { id: repositoryName };
  },
  async read(state, context) {
    const input = { repositoryNames: [requireText(state, 'id')] };
    const answer = await absentOn(GONE, () =>
      context.call<{ repositories?: Repository[] }>(SERVICE, 'DescribeRepositories', input),
    );
    const repository = answer?.repositories?.[0];
    if (!repository) return undefined;
    const { repositoryArn: resourceArn } = repository;
    const { tags } = await context.call<{ tags?: [] }>(SERVICE, 'ListTagsForResource', { resourceArn });
    return {
      ...shape.fromSdk(repository, [...MUTABILITY, 'image_scanning_configuration', 'encryption_configuration']),
      name: repository.repositoryName,
      arn: resourceArn,
      registry_id: repository.registryId,
      repository_url: repository.repositoryUri,
      tags_all: tagsFrom(tags),
    };
  },
  async update(prior, planned, context) {
    const repositoryName = requireText(prior, 'id');
    if (changed(prior, planned, MUTABILITY)) {
      const input = { repositoryName, ...shape.toSdk(planned, MUTABILITY) };
      await context.call(SERVICE, 'PutImageTagMutability', input);
    }
    if (changed(prior, planned, ['image_scanning_configuration'])) {
      const { imageScanningConfiguration = { scanOnPush: false } } = shape.toSdk(planned, [
        'image_scanning_configuration',
      ]);
      await context.call(SERVICE, 'PutImageScanningConfiguration', { repositoryName, imageScanningConfiguration });
    }
    const resourceArn = requireText(prior, 'arn');
    await changeTags(prior, planned, {
      set: (tags) => context.call(SERVICE, 'TagResource', { resourceArn, tags }),
      remove: (tagKeys) => context.call(SERVICE, 'UntagResource', { resourceArn, tagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    const input = { repositoryName: requireText(state, 'id'), force: state['force_delete'] === true };
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteRepository', input));
  },
};

// The API takes one configuration where the provider's schema has a list.
function encryption(planned: Values): object {
  const { encryptionConfiguration } = shape.toSdk(planned, ['encryption_configuration']);
  const [first] = Array.isArray(encryptionConfiguration) ? encryptionConfiguration : [];
  return first ? { encryptionConfiguration: first } : {};
}

export const ecrRepository: ResourceDefinition = {
  backend: repositoryBackend,
  defaults: { image_tag_mutability: 'MUTABLE', 'encryption_configuration.encryption_type': 'AES256' },
  forceNew: ['encryption_configuration', 'name'],
  computedBlocks: ['encryption_configuration', 'image_scanning_configuration'],
  oneOf: {
    image_tag_mutability: ['MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION'],
    'encryption_configuration.encryption_type': ['AES256', 'KMS', 'KMS_DSSE'],
  },
};

interface PolicyOperations {
  /** `LifecyclePolicy` makes `GetLifecyclePolicy` and `DeleteLifecyclePolicy`. */
  readonly noun: string;
  readonly put: string;
  /** Member of input and output that holds the document. */
  readonly member: string;
  readonly forceNew: readonly string[];
}

/** A document that belongs to a repository. */
function repositoryPolicy({ noun, put, member, forceNew }: PolicyOperations): ResourceDefinition {
  const absent = [...GONE, `${noun}NotFoundException`];
  const write = async (planned: Values, context: Context): Promise<Values> => {
    const repositoryName = requireText(planned, 'repository');
    await context.call(SERVICE, put, { repositoryName, [member]: requireText(planned, 'policy') });
    return { id: repositoryName };
  };
  return {
    forceNew,
    json: ['policy'],
    backend: {
      create: write,
      update: (_prior, planned, context) => write(planned, context),
      async read(state, context) {
        const input = { repositoryName: requireText(state, 'id') };
        const answer = await absentOn(absent, () => context.call<Record<string, string>>(SERVICE, `Get${noun}`, input));
        if (!answer) return undefined;
        return {
          repository: orNull(answer['repositoryName']),
          registry_id: orNull(answer['registryId']),
          policy: orNull(answer[member]),
        };
      },
      async delete(state, context) {
        const input = { repositoryName: requireText(state, 'id') };
        await absentOn(absent, () => context.call(SERVICE, `Delete${noun}`, input));
      },
    },
  };
}

export const ecrLifecyclePolicy = repositoryPolicy({
  noun: 'LifecyclePolicy',
  put: 'PutLifecyclePolicy',
  member: 'lifecyclePolicyText',
  forceNew: ['policy', 'repository'],
});

export const ecrRepositoryPolicy = repositoryPolicy({
  noun: 'RepositoryPolicy',
  put: 'SetRepositoryPolicy',
  member: 'policyText',
  forceNew: ['repository'],
});
