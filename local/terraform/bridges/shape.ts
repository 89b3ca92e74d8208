import { loadProviderSchema } from '../schema/load.ts';
import type { Block, NestedBlock, ProviderSchema } from '../schema/types.ts';
import { isList, isValues, UNKNOWN, type Value, type Values } from '../schema/value.ts';

/**
 * Terraform's `snake_case` blocks and the SDK's objects mostly differ in spelling only. A shape translates both ways, led by the
 * schema: blocks that occur once become objects, others lists.
 */
export interface Shape {
  /** The named attributes and blocks as the SDK takes them; what is null, unknown or empty text is left out. */
  toSdk(values: Values, names: readonly string[]): Record<string, unknown>;
  /** The named attributes and blocks out of an SDK answer; what it lacks becomes null or an absent block. */
  fromSdk(answer: object, names: readonly string[]): Values;
}

export interface Spelling {
  readonly style: 'camel' | 'pascal';
  /** Terraform name -> SDK name, wherever it occurs, if it is not just the spelling. */
  readonly rename?: Readonly<Record<string, string>>;
}

let schema: ProviderSchema | undefined;

/** The shape of a resource type. The schema is read when it is first needed: the generator loads bridges without it. */
export function shapeOf(type: string, spelling: Spelling): Shape {
  const block = (): Block => {
    schema ??= loadProviderSchema();
    const found = schema.resources[type];
    if (!found) throw new Error(`${type} is not in the schema`);
    return found.block;
  };
  return {
    toSdk: (values, names) => blockToSdk(block(), values, spelling, names),
    fromSdk: (answer, names) => blockFromSdk(block(), answer as Readonly<Record<string, unknown>>, spelling, names),
  };
}

const allNames = (block: Block): string[] => [...Object.keys(block.attributes), ...Object.keys(block.blocks)];

function blockToSdk(
  block: Block,
  values: Values,
  spelling: Spelling,
  names: readonly string[] = allNames(block),
): Record<string, unknown> {
  const entries = names.flatMap((name): [string, unknown][] => {
    const value: Value = values[name] ?? null;
    if (value === null || value === UNKNOWN || value === '') return [];
    const nested = block.blocks[name];
    if (!nested) return [[sdkName(name, spelling), value]];
    const elements = (isList(value) ? value : [value]).filter(isValues);
    const converted = elements.map((element) => blockToSdk(nested.block, element, spelling));
    if (!occursOnce(nested)) return [[sdkName(name, spelling), converted]];
    return converted.length > 0 ? [[sdkName(name, spelling), converted[0]]] : [];
  });
  return Object.fromEntries(entries);
}

function blockFromSdk(
  block: Block,
  answer: Readonly<Record<string, unknown>>,
  spelling: Spelling,
  names: readonly string[] = allNames(block),
): Values {
  const entries = names.map((name): [string, Value] => {
    const value = answer[sdkName(name, spelling)];
    const nested = block.blocks[name];
    if (!nested) return [name, (value ?? null) as Value];
    const elements = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
    return [name, elements.map((element) => blockFromSdk(nested.block, element, spelling))];
  });
  return Object.fromEntries(entries);
}

const occursOnce = ({ nesting, max }: NestedBlock): boolean => nesting === 'single' || max === 1;

function sdkName(name: string, { style, rename }: Spelling): string {
  const renamed = rename?.[name];
  if (renamed) return renamed;
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return style === 'camel' ? camel : camel.charAt(0).toUpperCase() + camel.slice(1);
}
