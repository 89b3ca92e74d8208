import { type Entry, isJson, type Json, type Problem } from './problem.ts';
import { type Block, blockOf, type ProviderSchema, SCHEMA_FILE } from './provider-schema.ts';

/** Arguments that Terraform itself knows, and CDKTF's metadata. */
const META: readonly string[] = ['//', 'lifecycle', 'depends_on', 'provider', 'count', 'for_each', 'provisioner'];

interface Place {
  readonly entry: Entry;
  readonly path: string;
  readonly block: Block;
}

/** Every argument exists, may be set, and no required one is missing; blocks are there as often as they may be. */
export function keyProblems(entry: Entry, schema: ProviderSchema): readonly Problem[] {
  const block = blockOf(schema, entry.type);
  if (block !== undefined) return blockProblems(entry.value, { entry, path: entry.address, block });
  const fix = `Correct the type, or add it to ${SCHEMA_FILE} (local/terraform/README.md says how)`;
  return [
    { file: entry.stack, field: entry.address, value: undefined, problem: 'is a type that is not known here', fix },
  ];
}

function blockProblems(value: Json, place: Place): readonly Problem[] {
  const given = Object.entries(value).filter(([key, one]) => !META.includes(key) && one !== undefined && one !== null);
  const names = new Set(given.map(([key]) => key));
  return [...given.flatMap(([key, one]) => argumentProblems(key, one, place)), ...missing(names, place)];
}

function argumentProblems(key: string, value: unknown, { entry, path, block }: Place): readonly Problem[] {
  const field = `${path}.${key}`;
  const nested = block.blocks[key];
  if (nested !== undefined) {
    const elements = (Array.isArray(value) ? value : [value]).filter(isJson);
    const inside = { entry, path: field, block: nested.block };
    return [
      ...elements.flatMap((one) => blockProblems(one, inside)),
      ...countProblems(elements.length, nested, { entry, field }),
    ];
  }
  const attribute = block.attributes[key];
  if (attribute === undefined) {
    const known = [...Object.keys(block.attributes), ...Object.keys(block.blocks)].sort().join(', ');
    return [
      {
        file: entry.stack,
        field,
        value,
        problem: 'is an argument that the provider does not know',
        fix: `Use one of ${known}`,
      },
    ];
  }
  const [type, flags] = attribute;
  if (!/[ro]/.test(flags))
    return [
      { file: entry.stack, field, value, problem: 'is computed by the provider and cannot be set', fix: 'Remove it' },
    ];
  return fits(value, type)
    ? []
    : [{ file: entry.stack, field, value, problem: `is no ${describe(type)}`, fix: `Write a ${describe(type)}` }];
}

function countProblems(
  count: number,
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number },
  { entry, field }: { readonly entry: Entry; readonly field: string },
): readonly Problem[] {
  if (count >= min && (max === 0 || count <= max)) return [];
  const wanted = count < min ? `at least ${min}` : `at most ${max}`;
  return [
    {
      file: entry.stack,
      field,
      value: count,
      problem: `is a block that is there ${wanted} times`,
      fix: 'Add or remove blocks',
    },
  ];
}

function missing(names: ReadonlySet<string>, { entry, path, block }: Place): readonly Problem[] {
  return requiredOf(block)
    .filter((key) => !names.has(key))
    .map((key) => ({
      file: entry.stack,
      field: `${path}.${key}`,
      value: undefined,
      problem: 'is missing',
      fix: 'Set it',
    }));
}

const required = new WeakMap<Block, readonly string[]>();

/** Worked out once for each block of the schema: a program has hundreds of resources of a few types. */
function requiredOf(block: Block): readonly string[] {
  const known = required.get(block);
  if (known !== undefined) return known;
  const names = [
    ...Object.entries(block.attributes).flatMap(([key, [, flags]]) => (flags.includes('r') ? [key] : [])),
    ...Object.entries(block.blocks).flatMap(([key, { min = 0 }]) => (min > 0 ? [key] : [])),
  ];
  required.set(block, names);
  return names;
}

/** Whether Terraform could convert the value; what it only knows later fits everything. */
function fits(value: unknown, type: unknown): boolean {
  if (typeof value === 'string' && value.includes('${')) return true;
  if (Array.isArray(type))
    return type[0] === 'map' || type[0] === 'object' ? isJson(value) || Array.isArray(value) : Array.isArray(value);
  if (type === 'number') return typeof value === 'number' || /^-?\d+(?:\.\d+)?$/.test(String(value));
  if (type === 'bool') return typeof value === 'boolean' || value === 'true' || value === 'false';
  return type !== 'string' || ['string', 'number', 'boolean'].includes(typeof value);
}

const describe = (type: unknown): string => (Array.isArray(type) ? String(type[0]) : String(type));
