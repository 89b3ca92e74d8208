import { conformType } from '../schema/conform.ts';
import type { Attribute, Block, NestedBlock } from '../schema/types.ts';
import { isList, isValues, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import type { Rules } from './definition.ts';
import { equalByType, isEmpty, matches, sameJson } from './equal.ts';

/**
 * Merges what a backend read into what the state (or the plan) says: values that mean the same keep the way they are
 * written, so that only true drift shows. Attributes that the backend did not mention stay as they are.
 */
export function reconcile(block: Block, rules: Rules, state: Values, read: Values): Values {
  const merged = mergeBlock(block, rules, '', state, read);
  if (!block.attributes['tags_all'] || !isValues(read['tags_all'])) return merged;
  return { ...merged, ...mergeTags(state, read['tags_all']) };
}

function mergeBlock(block: Block, rules: Rules, prefix: string, state: Values, read: Values): Values {
  const attributes = Object.entries(block.attributes).map(([name, attribute]) => {
    const current = state[name] ?? null;
    return [
      name,
      name in read ? mergeAttribute(attribute, rules, prefix + name, current, read[name] ?? null) : current,
    ] as const;
  });
  const nested = Object.entries(block.blocks).map(([name, schema]) => {
    const current = state[name] ?? null;
    return [
      name,
      name in read ? mergeNested(schema, rules, prefix + name, current, read[name] ?? null) : current,
    ] as const;
  });
  return Object.fromEntries([...attributes, ...nested]);
}

function mergeAttribute([type]: Attribute, rules: Rules, path: string, state: Value, answered: Value): Value {
  const read = conformType(type, answered);
  if (state === UNKNOWN) return read;
  const same =
    equalByType(type, state, read) ||
    (isEmpty(state) && isEmpty(read)) ||
    (rules.json?.includes(path) && sameJson(state, read)) ||
    rules.equivalent?.[path]?.(state, read);
  return same ? state : read;
}

function mergeNested(schema: NestedBlock, rules: Rules, path: string, state: Value, read: Value): Value {
  const before = elementsOf(state);
  const now = elementsOf(read);
  if (schema.nesting === 'single') {
    const [element] = now;
    return element ? mergeBlock(schema.block, rules, `${path}.`, before[0] ?? {}, element) : state;
  }
  if (before.length === 0 && isEmpty(now) && !rules.computedBlocks?.includes(path)) return [];
  const rest = [...before];
  return now.map((element, index) => {
    const earlier = schema.nesting === 'list' ? before[index] : takeMatching(rest, element);
    return mergeBlock(schema.block, rules, `${path}.`, earlier ?? {}, element);
  });
}

function takeMatching(candidates: Values[], element: Values): Values | undefined {
  const index = candidates.findIndex((candidate) => agrees(candidate, element));
  return index < 0 ? undefined : candidates.splice(index, 1)[0];
}

/** True if nothing that was read contradicts the state. */
function agrees(state: Value, read: Value): boolean {
  if (isEmpty(state) && isEmpty(read)) return true;
  if (isValues(state) && isValues(read)) {
    return Object.entries(read).every(([name, value]) => agrees(state[name] ?? null, value));
  }
  if (isList(state) && isList(read)) {
    return state.length === read.length && read.every((item) => state.some((other) => agrees(other, item)));
  }
  return matches(state, read);
}

// `tags` are those of the resource's own configuration: default tags of the provider appear in `tags_all` only.
function mergeTags(state: Values, all: Values): Values {
  const own = isValues(state['tags']) ? state['tags'] : {};
  const before = isValues(state['tags_all']) ? state['tags_all'] : {};
  const isDefault = (name: string): boolean => !(name in own) && before[name] === all[name];
  const tags = Object.fromEntries(Object.entries(all).filter(([name]) => !isDefault(name)));
  const keep = (name: string, value: Values): Value => {
    const current = state[name] ?? null;
    return isEmpty(value) && isEmpty(current) ? current : value;
  };
  return { tags_all: keep('tags_all', all), tags: keep('tags', tags) };
}

const elementsOf = (value: Value): Values[] =>
  isList(value) ? value.filter(isValues) : isValues(value) ? [value] : [];
