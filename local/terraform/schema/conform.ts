import type { Block, CtyType, NestedBlock } from './types.ts';
import { isList, isValues, UNKNOWN, type Value, type Values } from './value.ts';

/**
 * Brings a value into the exact shape of its schema: every attribute and block present, nothing else, each of the declared
 * type. Terraform rejects objects that are not total.
 */
export function conform(block: Block, value: Values): Values {
  const attributes = Object.entries(block.attributes).map(
    ([name, [type]]) => [name, conformType(type, value[name] ?? null)] as const,
  );
  const nested = Object.entries(block.blocks).map(
    ([name, schema]) => [name, conformBlock(schema, value[name] ?? null)] as const,
  );
  return Object.fromEntries([...attributes, ...nested]);
}

function conformBlock(schema: NestedBlock, value: Value): Value {
  if (value === UNKNOWN) return UNKNOWN;
  if (schema.nesting === 'single') return isValues(value) ? conform(schema.block, value) : null;
  const elements = isList(value) ? value : isValues(value) ? [value] : [];
  return elements.map((element) => (isValues(element) ? conform(schema.block, element) : element));
}

/** Converts a value to a type; throws a `TypeError` that names both if that is impossible. */
export function conformType(type: CtyType, value: Value): Value {
  if (value === null || value === UNKNOWN) return value;
  if (typeof type === 'string') return conformScalar(type, value);
  const [kind, inner] = type;
  if (kind === 'list' || kind === 'set') {
    if (!isList(value)) throw mismatch(type, value);
    return value.map((item) => conformType(inner, item));
  }
  if (!isValues(value)) throw mismatch(type, value);
  if (kind === 'map') return mapValues(value, (item) => conformType(inner, item));
  return Object.fromEntries(
    Object.entries(inner).map(([name, member]) => [name, conformType(member, value[name] ?? null)]),
  );
}

function conformScalar(type: 'string' | 'number' | 'bool', value: Value): Value {
  if (type === 'string' && ['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  if (type === 'number' && typeof value === 'number') return value;
  if (type === 'number' && typeof value === 'string' && value !== '' && !Number.isNaN(Number(value)))
    return Number(value);
  if (type === 'bool' && typeof value === 'boolean') return value;
  if (type === 'bool' && (value === 'true' || value === 'false')) return value === 'true';
  throw mismatch(type, value);
}

const mismatch = (type: CtyType, value: Value): TypeError =>
  new TypeError(
    `${typeof value === 'object' ? JSON.stringify(value) : String(value)} is not a ${JSON.stringify(type)}`,
  );

/** Replaces what is still unknown: attributes become null, blocks empty. */
export function settleUnknown(block: Block, value: Values): Values {
  const attributes = Object.keys(block.attributes).map((name) => [name, withoutUnknown(value[name] ?? null)] as const);
  const nested = Object.entries(block.blocks).map(([name, schema]) => {
    const inner = value[name] ?? null;
    if (schema.nesting === 'single')
      return [name, isValues(inner) ? settleUnknown(schema.block, inner) : null] as const;
    const elements = isList(inner) ? inner.filter(isValues) : [];
    return [name, elements.map((element) => settleUnknown(schema.block, element))] as const;
  });
  return Object.fromEntries([...attributes, ...nested]);
}

function withoutUnknown(value: Value): Value {
  if (value === UNKNOWN) return null;
  if (isList(value)) return value.map(withoutUnknown);
  return isValues(value) ? mapValues(value, withoutUnknown) : value;
}

const mapValues = (values: Values, change: (value: Value) => Value): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
