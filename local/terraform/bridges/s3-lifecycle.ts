import {
  block,
  blocks,
  flag,
  isList,
  isValues,
  number,
  text,
  textMap,
  type Value,
  type Values,
} from '../schema/value.ts';
import { orNull } from './common.ts';

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface Filter {
  readonly Prefix?: string | undefined;
  readonly Tag?: Tag | undefined;
  readonly ObjectSizeGreaterThan?: number | undefined;
  readonly ObjectSizeLessThan?: number | undefined;
  readonly And?: (Omit<Filter, 'And' | 'Tag'> & { readonly Tags?: readonly Tag[] | undefined }) | undefined;
}

interface Period {
  readonly Days?: number | undefined;
  readonly Date?: string | Date | undefined;
  readonly StorageClass?: string | undefined;
  readonly ExpiredObjectDeleteMarker?: boolean | undefined;
  readonly NoncurrentDays?: number | undefined;
  readonly NewerNoncurrentVersions?: number | undefined;
  readonly DaysAfterInitiation?: number | undefined;
}

interface Rule {
  readonly ID?: string | undefined;
  readonly Status?: string | undefined;
  readonly Prefix?: string | undefined;
  readonly Filter?: Filter | undefined;
  readonly Expiration?: Period | undefined;
  readonly AbortIncompleteMultipartUpload?: Period | undefined;
  readonly NoncurrentVersionExpiration?: Period | undefined;
  readonly NoncurrentVersionTransitions?: readonly Period[] | undefined;
  readonly Transitions?: readonly Period[] | undefined;
}

/** A prefix that is left out is not the one that was there before, once there is a filter; nor does a filter keep its own. */
export function planLifecycleRules(planned: Value | undefined, config: Value | undefined): Value {
  if (!isList(planned) || !isList(config)) return planned ?? null;
  return planned.map((rule, index): Value => {
    const given = config[index];
    const [filter] = blocks(isValues(given) ? given : undefined, 'filter');
    const [plannedFilter] = blocks(isValues(rule) ? rule : undefined, 'filter');
    if (!isValues(rule) || !isValues(given) || !filter || !plannedFilter) return rule;
    const narrowed: Values = { ...plannedFilter, prefix: filter['prefix'] ?? (isNarrow(filter) ? null : '') };
    return { ...rule, prefix: given['prefix'] ?? '', filter: [narrowed] };
  });
}

const isNarrow = (filter: Values): boolean =>
  blocks(filter, 'and').length > 0 ||
  blocks(filter, 'tag').length > 0 ||
  ['object_size_greater_than', 'object_size_less_than'].some((name) => (filter[name] ?? null) !== null);

/** Lifecycle rules as `PutBucketLifecycleConfiguration` takes them. */
export function toLifecycleRules(rules: readonly Values[]): Rule[] {
  return rules.map((rule) => ({
    ID: text(rule, 'id'),
    Status: text(rule, 'status'),
    Prefix: blocks(rule, 'filter').length > 0 ? undefined : text(rule, 'prefix'),
    Filter: toFilter(block(rule, 'filter')),
    Expiration: toPeriod(block(rule, 'expiration')),
    AbortIncompleteMultipartUpload: toPeriod(block(rule, 'abort_incomplete_multipart_upload')),
    NoncurrentVersionExpiration: toPeriod(block(rule, 'noncurrent_version_expiration')),
    NoncurrentVersionTransitions: toPeriods(blocks(rule, 'noncurrent_version_transition')),
    Transitions: toPeriods(blocks(rule, 'transition')),
  }));
}

const PERIOD = {
  days: 'Days',
  noncurrent_days: 'NoncurrentDays',
  newer_noncurrent_versions: 'NewerNoncurrentVersions',
  days_after_initiation: 'DaysAfterInitiation',
} as const;

function toPeriod(values: Values | undefined): Period | undefined {
  if (!values) return undefined;
  const numbers = Object.entries(PERIOD).map(([name, member]) => [member, number(values, name) || undefined] as const);
  return {
    ...Object.fromEntries(numbers),
    Date: text(values, 'date'),
    StorageClass: text(values, 'storage_class'),
    ExpiredObjectDeleteMarker: flag(values, 'expired_object_delete_marker') || undefined,
  };
}

function toPeriods(list: readonly Values[]): Period[] | undefined {
  const periods = list.map((values) => ({ ...toPeriod(values), ...(text(values, 'date') ? {} : delay(values)) }));
  return periods.length > 0 ? periods : undefined;
}

/** A transition without a date is due after some days, none included. */
const delay = (values: Values): Period =>
  'noncurrent_days' in values
    ? { NoncurrentDays: number(values, 'noncurrent_days') ?? 0 }
    : { Days: number(values, 'days') ?? 0 };

function toFilter(values: Values | undefined): Filter | undefined {
  if (!values) return undefined;
  const both = block(values, 'and');
  const tag = block(values, 'tag');
  const tags = Object.entries(textMap(both, 'tags')).map(([Key, Value]) => ({ Key, Value }));
  return {
    ...(both || tag ? {} : { Prefix: text(values, 'prefix') ?? '' }),
    ObjectSizeGreaterThan: number(values, 'object_size_greater_than') || undefined,
    ObjectSizeLessThan: number(values, 'object_size_less_than') || undefined,
    ...(tag ? { Tag: { Key: text(tag, 'key') ?? '', Value: text(tag, 'value') ?? '' } } : {}),
    ...(both
      ? {
          And: {
            Prefix: text(both, 'prefix'),
            Tags: tags.length > 0 ? tags : undefined,
            ObjectSizeGreaterThan: number(both, 'object_size_greater_than') || undefined,
            ObjectSizeLessThan: number(both, 'object_size_less_than') || undefined,
          },
        }
      : {}),
  };
}

/** Lifecycle rules as the state has them. */
export function fromLifecycleRules(rules: unknown): Value {
  return ((rules ?? []) as readonly Rule[]).map((rule) => ({
    id: orNull(rule.ID),
    status: orNull(rule.Status),
    prefix: rule.Prefix ?? '',
    filter: rule.Filter ? [fromFilter(rule.Filter)] : [],
    expiration: fromPeriods(rule.Expiration),
    abort_incomplete_multipart_upload: fromPeriods(rule.AbortIncompleteMultipartUpload),
    noncurrent_version_expiration: fromPeriods(rule.NoncurrentVersionExpiration),
    noncurrent_version_transition: fromPeriods(...(rule.NoncurrentVersionTransitions ?? [])),
    transition: fromPeriods(...(rule.Transitions ?? [])),
  }));
}

function fromPeriods(...periods: readonly (Period | undefined)[]): Value {
  return periods.flatMap((period) => {
    if (!period) return [];
    const numbers = Object.entries(PERIOD).map(([name, member]) => [name, orNull(period[member])] as const);
    const date = period.Date instanceof Date ? period.Date.toISOString().replace('.000Z', 'Z') : period.Date;
    return [
      {
        ...Object.fromEntries(numbers),
        date: orNull(date),
        storage_class: orNull(period.StorageClass),
        expired_object_delete_marker: orNull(period.ExpiredObjectDeleteMarker),
      },
    ];
  });
}

function fromFilter({ Prefix, Tag, And, ObjectSizeGreaterThan, ObjectSizeLessThan }: Filter): Values {
  const tags = Object.fromEntries((And?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  const both: Values | undefined = And && {
    prefix: And.Prefix ?? '',
    tags,
    object_size_greater_than: orNull(And.ObjectSizeGreaterThan),
    object_size_less_than: orNull(And.ObjectSizeLessThan),
  };
  return {
    prefix: Prefix ?? '',
    object_size_greater_than: orNull(ObjectSizeGreaterThan),
    object_size_less_than: orNull(ObjectSizeLessThan),
    tag: Tag ? [{ key: Tag.Key, value: Tag.Value }] : [],
    and: both ? [both] : [],
  };
}
