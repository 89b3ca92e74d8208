import type { Path } from '../protocol/diagnostics.ts';
import {
  type Attribute,
  type Block,
  isComputed,
  isWriteOnly,
  type NestedBlock,
  type TypeSchema,
} from '../schema/types.ts';
import { hasUnknown, isList, isValues, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import type { Context, Rules } from './definition.ts';
import { equalBlocks, equalByType, isEmpty, sameJson } from './equal.ts';

export interface Plan {
  readonly planned: Values;
  /** Attributes whose change replaces the resource. */
  readonly replace: readonly Path[];
}

export interface PlanRequest {
  readonly schema: TypeSchema;
  readonly rules: Rules;
  /** Undefined: the resource is to be created. */
  readonly prior: Values | undefined;
  readonly config: Values;
  readonly context: Context;
}

/**
 * Decides what a resource is going to look like: configuration first, then defaults, then what it was before; what only the
 * cloud can tell is unknown. Pure.
 */
export function planResource(request: PlanRequest): Plan {
  const { schema, rules, prior, config, context } = request;
  const planner = new Planner(rules);
  const drafted = planner.block(schema.block, '', config, prior);
  const tagged = {
    ...drafted,
    ...planTags(schema.block, config, prior, context),
    ...planRegion(schema.block, config, context),
  };
  const recomputed = { ...tagged, ...recompute(schema.block, rules, prior, tagged) };
  const planned = { ...recomputed, ...rules.adjustPlan?.(recomputed, prior, context, config) };
  return { planned, replace: prior ? replacements(schema.block, rules, prior, planned) : [] };
}

class Planner {
  readonly #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  block(block: Block, prefix: string, config: Values, prior: Values | undefined): Values {
    const attributes = Object.entries(block.attributes).map(
      ([name, attribute]) =>
        [name, this.#attribute(attribute, prefix + name, config[name] ?? null, prior?.[name])] as const,
    );
    const nested = Object.entries(block.blocks).map(
      ([name, schema]) => [name, this.#nested(schema, prefix + name, config[name] ?? null, prior?.[name])] as const,
    );
    return Object.fromEntries([...attributes, ...nested]);
  }

  #attribute(attribute: Attribute, path: string, config: Value, prior: Value | undefined): Value {
    if (isWriteOnly(attribute)) return null;
    const wanted = config ?? this.#rules.defaults?.[path] ?? null;
    if (wanted === null && isComputed(attribute)) return prior === undefined ? UNKNOWN : prior;
    const normal = zeroMembers(attribute, wanted);
    return prior !== undefined && this.#same(attribute, path, prior, normal) ? prior : normal;
  }

  #same([type]: Attribute, path: string, left: Value, right: Value): boolean {
    if (equalByType(type, left, right) || (isEmpty(left) && isEmpty(right))) return true;
    if (this.#rules.json?.includes(path) && sameJson(left, right)) return true;
    return this.#rules.equivalent?.[path]?.(left, right) ?? false;
  }

  #nested(schema: NestedBlock, path: string, config: Value, prior: Value | undefined): Value {
    if (config === UNKNOWN) return UNKNOWN;
    if (schema.nesting === 'single') {
      if (!isValues(config)) return null;
      return this.block(schema.block, `${path}.`, config, isValues(prior) ? prior : undefined);
    }
    const elements = isList(config) ? config : [];
    const before = isList(prior) ? prior.filter(isValues) : [];
    if (elements.length === 0 && this.#rules.computedBlocks?.includes(path))
      return prior === undefined ? UNKNOWN : prior;
    return elements.map((element, index) => {
      if (!isValues(element)) return element;
      if (schema.nesting === 'list') return this.block(schema.block, `${path}.`, element, before[index]);
      return this.#setElement(schema, path, element, before);
    });
  }

  // An element of a set has no identity: it is the earlier one exactly if planning it as that one changes nothing.
  #setElement(schema: NestedBlock, path: string, element: Values, before: readonly Values[]): Values {
    for (const candidate of before) {
      const planned = this.block(schema.block, `${path}.`, element, candidate);
      if (equalBlocks('single', schema.block, planned, candidate)) return planned;
    }
    return this.block(schema.block, `${path}.`, element, undefined);
  }
}

// Rules of a security group are attributes that hold objects; the provider turns members that are null into zero values.
function zeroMembers([type]: Attribute, value: Value): Value {
  if (!Array.isArray(type) || !isList(value)) return value;
  const element = type[1];
  if (!Array.isArray(element) || element[0] !== 'object') return value;
  const zero = { string: '', number: 0, bool: false };
  return value.map((item) => {
    if (!isValues(item)) return item;
    const members = Object.entries(element[1]).map(([name, member]) => {
      const known = item[name] ?? (typeof member === 'string' ? zero[member as 'string'] : []);
      return [name, known] as const;
    });
    return Object.fromEntries(members);
  });
}

function planTags(block: Block, config: Values, prior: Values | undefined, context: Context): Values {
  if (!block.attributes['tags_all'] || config['tags_all'] !== null) return {};
  const tags = config['tags'] ?? null;
  if (hasUnknown(tags)) return { tags_all: UNKNOWN };
  const all = { ...context.defaultTags, ...(isValues(tags) ? tags : {}) };
  const before = prior?.['tags_all'];
  return { tags_all: isEmpty(all) && before !== undefined && isEmpty(before) ? before : all };
}

function planRegion(block: Block, config: Values, context: Context): Values {
  const region = block.attributes['region'];
  if (!region || !isComputed(region) || (config['region'] ?? null) !== null) return {};
  return { region: context.region };
}

function recompute(block: Block, rules: Rules, prior: Values | undefined, planned: Values): Values {
  if (!prior || !rules.recomputed) return {};
  const changed = new Set(changedNames(block, prior, planned));
  const due = Object.entries(rules.recomputed).filter(([, causes]) =>
    causes.some((cause) => (cause === '*' ? changed.size > 0 : changed.has(cause))),
  );
  return Object.fromEntries(due.map(([name]) => [name, UNKNOWN]));
}

function changedNames(block: Block, prior: Values, planned: Values): string[] {
  const differs = (name: string): boolean => !equalAt(block, [name], prior, planned);
  return [...Object.keys(block.attributes), ...Object.keys(block.blocks)].filter(differs);
}

function replacements(block: Block, rules: Rules, prior: Values, planned: Values): Path[] {
  const paths = [...(rules.forceNew ?? []), ...(block.attributes['region'] && prior['region'] ? ['region'] : [])];
  const changed = paths.filter((path) => !equalAt(block, path.split('.'), prior, planned));
  const due = [...changed, ...(rules.replaces?.(prior, planned) ?? [])];
  return [...new Set(due.map((path) => path.split('.')[0] ?? path))].map((name) => [name]);
}

/** Compares two values along a path; along a block that repeats, all of its elements in any order. */
function equalAt(block: Block, path: readonly string[], left: Values, right: Values): boolean {
  const [name = '', ...rest] = path;
  const nested = block.blocks[name];
  const a: Value = left[name] ?? null;
  const b: Value = right[name] ?? null;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (!nested) return equalByType(block.attributes[name]?.[0] ?? 'string', a, b);
  if (rest.length === 0) return equalBlocks(nested.nesting, nested.block, a, b);
  const [before, after] = [elementsOf(a), elementsOf(b)];
  if (before.length !== after.length) return false;
  return before.every((element) => after.some((other) => equalAt(nested.block, rest, element, other)));
}

const elementsOf = (value: Value): Values[] =>
  isList(value) ? value.filter(isValues) : isValues(value) ? [value] : [];
