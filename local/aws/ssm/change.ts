import type * as ssm from '@aws-sdk/client-ssm';
import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { type Tags, tagPairs, tagsOf, withoutTags } from '../kit/tags.ts';
import { notFound, type StoredParameter } from './parameters.ts';
import { putVersion } from './put.ts';

/** Everything that changes parameters, tags apart. */
export function changeOperations(cloud: Cloud, parameters: Collection<StoredParameter>) {
  return {
    PutParameter(input: Input<ssm.PutParameterRequest>): ssm.PutParameterResult {
      const parameter = putVersion(parameters.get(input.Name), input, cloud.now());
      parameters.set(input.Name, parameter);
      const latest = parameter.versions.at(-1);
      return { Version: latest?.version, Tier: latest?.tier };
    },
    LabelParameterVersion(input: Input<ssm.LabelParameterVersionRequest>): ssm.LabelParameterVersionResult {
      const parameter = parameters.get(input.Name);
      if (!parameter) throw notFound(input.Name);
      const target = input.ParameterVersion ?? parameter.versions.at(-1)?.version;
      if (!parameter.versions.some(({ version }) => version === target)) {
        throw new AwsError(
          'ParameterVersionNotFound',
          `Systems Manager could not find version ${target} of ${input.Name}.`,
        );
      }
      const versions = parameter.versions.map((version) => {
        const others = version.labels.filter((label) => !input.Labels.includes(label));
        return { ...version, labels: version.version === target ? [...others, ...input.Labels] : others };
      });
      parameters.set(input.Name, { ...parameter, versions });
      return { InvalidLabels: [], ParameterVersion: target };
    },
    DeleteParameter(input: Input<ssm.DeleteParameterRequest>): ssm.DeleteParameterResult {
      if (!parameters.delete(input.Name)) throw notFound(input.Name);
      return {};
    },
    DeleteParameters(input: Input<ssm.DeleteParametersRequest>): ssm.DeleteParametersResult {
      const deleted = input.Names.filter((name) => parameters.delete(name));
      return { DeletedParameters: deleted, InvalidParameters: input.Names.filter((name) => !deleted.includes(name)) };
    },
  };
}

export function tagOperations(parameters: Collection<StoredParameter>) {
  const tagged = ({ ResourceType, ResourceId }: { ResourceType: string; ResourceId: string }) => {
    if (ResourceType !== 'Parameter')
      throw new AwsError('InvalidResourceType', `${ResourceType} is not supported by the local cloud.`);
    const parameter = parameters.get(ResourceId);
    if (!parameter) throw new AwsError('InvalidResourceId', `The resource ${ResourceId} does not exist.`);
    return parameter;
  };
  const setTags = (parameter: StoredParameter, tags: Tags) => {
    parameters.set(parameter.name, { ...parameter, tags });
    return {};
  };
  return {
    AddTagsToResource(input: Input<ssm.AddTagsToResourceRequest>): ssm.AddTagsToResourceResult {
      const parameter = tagged(input);
      return setTags(parameter, { ...parameter.tags, ...tagsOf(input.Tags) });
    },
    RemoveTagsFromResource(input: Input<ssm.RemoveTagsFromResourceRequest>): ssm.RemoveTagsFromResourceResult {
      const parameter = tagged(input);
      return setTags(parameter, withoutTags(parameter.tags, input.TagKeys));
    },
    ListTagsForResource: (input: Input<ssm.ListTagsForResourceRequest>): ssm.ListTagsForResourceResult => ({
      TagList: tagPairs(tagged(input).tags),
    }),
  };
}
