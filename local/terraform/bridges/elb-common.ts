import type { Context } from '../engine/definition.ts';
import { block, isValues, type Value, type Values } from '../schema/value.ts';
import { changeTags, tagsFrom } from './common.ts';

export const ELB = 'elasticloadbalancing';

export interface Attribute {
  readonly Key?: string;
  readonly Value?: string;
}

/** Settings that the API keeps as texts under long keys. `names` maps `attribute` or `block.attribute` to them. */
export function toAttributes(
  names: Readonly<Record<string, string>>,
  values: Values,
): { Key: string; Value: string }[] {
  return Object.entries(names).flatMap(([name, Key]) => {
    const [outer = '', inner] = name.split('.');
    const value: Value = (inner === undefined ? values[outer] : block(values, outer)?.[inner]) ?? null;
    return typeof value === 'object' || typeof value === 'symbol' ? [] : [{ Key, Value: String(value) }];
  });
}

/** The settings that the API mentions. A block is there if it says anything but "disabled" or nothing. */
export function fromAttributes(names: Readonly<Record<string, string>>, attributes: readonly Attribute[] = []): Values {
  const byKey = new Map(attributes.map(({ Key, Value }) => [Key, Value ?? '']));
  const result: Record<string, Value> = {};
  for (const [name, key] of Object.entries(names)) {
    const value = byKey.get(key);
    if (value === undefined) continue;
    const [outer = '', inner] = name.split('.');
    if (inner === undefined) result[outer] = typed(value);
    else {
      const current = result[outer];
      const members = Array.isArray(current) && isValues(current[0]) ? current[0] : {};
      result[outer] = [{ ...members, [inner]: typed(value) }];
    }
  }
  return result;
}

const typed = (value: string): Value => {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d+$/.test(value) ? Number(value) : value;
};

export async function elbTags(arn: string, context: Context): Promise<Values> {
  const answer = await context.call<{ TagDescriptions?: { Tags?: Attribute[] }[] }>(ELB, 'DescribeTags', {
    ResourceArns: [arn],
  });
  return tagsFrom(answer.TagDescriptions?.[0]?.Tags as { Key?: string; Value?: string }[] | undefined);
}

export function changeElbTags(arn: string, prior: Values, planned: Values, context: Context): Promise<void> {
  return changeTags(prior, planned, {
    set: (Tags) => context.call(ELB, 'AddTags', { ResourceArns: [arn], Tags }),
    remove: (TagKeys) => context.call(ELB, 'RemoveTags', { ResourceArns: [arn], TagKeys }),
  });
}
