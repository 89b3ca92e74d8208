import type { GetResourcesInput, TagFilter } from '@aws-sdk/client-resource-groups-tagging-api';
import type { Cloud } from '../../cloud.ts';
import { arn } from '../kit/arn.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { AwsService } from '../kit/service.ts';
import { type TagPair, type Tags, tagPairs } from '../kit/tags.ts';

interface Found {
  readonly arn: string;
  readonly tags: Tags;
}

/** What the services keep: some say their ARN, some only their name; tags are a map or one of two kinds of list. */
interface Kept {
  readonly arn?: string;
  readonly name?: string;
  readonly status?: string;
  readonly tags?: Tags | readonly (TagPair & { readonly key?: string; readonly value?: string })[];
}

/** Collection -> ARN of what is in it. IAM's roles are missing as they are on AWS: they are global, and not among what this API knows. */
const SOURCES: Readonly<Record<string, (cloud: Cloud, key: string, kept: Kept) => string>> = {
  'dynamodb/settings': (cloud, key) => arn(cloud, 'dynamodb', `table/${key}`),
  'ecs/clusters': (cloud, key, { arn: own }) => own ?? arn(cloud, 'ecs', `cluster/${key}`),
  'ecs/services': (cloud, key, { arn: own }) => own ?? arn(cloud, 'ecs', `service/${key}`),
  'elbv2/load-balancers': (_cloud, key) => key,
  'elbv2/listeners': (_cloud, key) => key,
  'elbv2/rules': (_cloud, key) => key,
  'elbv2/target-groups': (_cloud, key) => key,
  'lambda/functions': (cloud, key) => arn(cloud, 'lambda', `function:${key}`),
  'logs/groups': (cloud, key) => arn(cloud, 'logs', `log-group:${key}`),
  'secretsmanager/secrets': (_cloud, key, { arn: own }) => own ?? key,
  'sns/topics': (_cloud, key, { arn: own }) => own ?? key,
  'sqs/queues': (cloud, key) => arn(cloud, 'sqs', key),
  'ssm/parameters': (cloud, key) => arn(cloud, 'ssm', `parameter${key}`),
};
const MOST = 100;

/** Resource Groups Tagging API: everything that has tags, whichever service it belongs to. */
export function createTaggingService(cloud: Cloud): AwsService {
  return {
    name: 'tagging',
    operations: {
      GetResources({ TagFilters = [], PaginationToken, ResourcesPerPage = MOST }: Input<GetResourcesInput>) {
        const wanted = everything(cloud).filter(({ tags }) => TagFilters.every((filter) => matches(tags, filter)));
        const { items, next } = page(wanted, {
          key: (found) => found.arn,
          after: PaginationToken || undefined,
          limit: Math.min(ResourcesPerPage, MOST),
        });
        return {
          PaginationToken: next ?? '',
          ResourceTagMappingList: items.map(({ arn: ResourceARN, tags }) => ({ ResourceARN, Tags: tagPairs(tags) })),
        };
      },
    },
  };
}

function everything(cloud: Cloud): readonly Found[] {
  const found = Object.entries(SOURCES).flatMap(([collection, arnOf]) =>
    cloud.store
      .collection<Kept>(collection)
      .entries()
      .filter(([, { status }]) => status !== 'INACTIVE')
      .map(([key, kept]) => ({ arn: arnOf(cloud, key, kept), tags: tagMap(kept.tags) })),
  );
  return found
    .filter(({ tags }) => Object.keys(tags).length > 0)
    .sort((left, right) => (left.arn < right.arn ? -1 : 1));
}

function tagMap(tags: Kept['tags']): Tags {
  if (tags === undefined) return {};
  if (!isList(tags)) return tags;
  return Object.fromEntries(tags.map(({ Key, key, Value, value }) => [Key ?? key ?? '', Value ?? value ?? '']));
}

const isList = (tags: NonNullable<Kept['tags']>): tags is Exclude<NonNullable<Kept['tags']>, Tags> =>
  Array.isArray(tags);

/** No values: any value will do. */
const matches = (tags: Tags, { Key = '', Values = [] }: TagFilter): boolean =>
  Key in tags && (Values.length === 0 || Values.includes(tags[Key] ?? ''));
