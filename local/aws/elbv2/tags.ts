import type { AddTagsInput, DescribeTagsInput, RemoveTagsInput, Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Collection } from '../../state/store.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import type { Records } from './records.ts';

interface Tagged {
  readonly arn: string;
  readonly tags: readonly Tag[];
}

export function tagOperations(records: Records): Record<string, Operation> {
  const change = (arns: readonly string[] = [], update: (tags: readonly Tag[]) => readonly Tag[]) => {
    for (const arn of arns) {
      const [collection, record] = locate(records, arn);
      collection.set(arn, { ...record, tags: update(record.tags) });
    }
    return {};
  };
  return {
    AddTags: ({ ResourceArns, Tags = [] }: AddTagsInput) =>
      change(ResourceArns, (tags) => [...tags.filter(({ Key }) => !Tags.some((added) => added.Key === Key)), ...Tags]),
    RemoveTags: ({ ResourceArns, TagKeys = [] }: RemoveTagsInput) =>
      change(ResourceArns, (tags) => tags.filter(({ Key }) => !TagKeys.includes(Key ?? ''))),
    DescribeTags: ({ ResourceArns = [] }: DescribeTagsInput) => ({
      TagDescriptions: ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags: locate(records, ResourceArn)[1].tags })),
    }),
  };
}

const KINDS = [
  [':loadbalancer/', 'loadBalancers', 'LoadBalancerNotFoundException'],
  [':targetgroup/', 'targetGroups', 'TargetGroupNotFoundException'],
  [':listener/', 'listeners', 'ListenerNotFoundException'],
  [':listener-rule/', 'rules', 'RuleNotFoundException'],
] as const;

function locate(records: Records, arn: string): [Collection<Tagged>, Tagged] {
  for (const [marker, kind, code] of KINDS) {
    if (!arn.includes(marker)) continue;
    const collection = records[kind] as unknown as Collection<Tagged>;
    const record = collection.get(arn);
    if (!record) throw new AwsError(code, `'${arn}' not found`);
    return [collection, record];
  }
  throw new AwsError('ValidationError', `'${arn}' is not an ARN of Elastic Load Balancing`);
}
