/**
 * Checks synthesized stacks key by key against a dump of the provider's schema (`terraform providers schema -json`, or
 * the reduced form of it): every attribute and block has to exist, every required one has to be there. It stands in for
 * `terraform validate`, which needs the real provider.
 *
 *     SLIPWAY_PROVIDER_SCHEMA=<file> node tools/check-synth.ts cdktf.out
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Attribute {
  readonly required?: boolean;
  readonly optional?: boolean;
}
interface Block {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly block_types?: Readonly<Record<string, { readonly block: Block; readonly min_items?: number }>>;
}
type Schemas = Readonly<Record<string, { readonly block: Block }>>;
export interface ProviderSchema {
  readonly resource_schemas: Schemas;
  readonly data_source_schemas: Schemas;
  /** Types that the dump lacks; they are reported as unchecked. */
  readonly missing?: readonly string[];
}
export interface Findings {
  readonly problems: readonly string[];
  readonly unchecked: readonly string[];
  readonly checked: number;
}

/** Arguments that Terraform itself knows, and CDKTF's metadata. */
const META = new Set(['//', 'lifecycle', 'depends_on', 'provider', 'count', 'for_each']);

/** Checks the resources and data sources of one synthesized stack. Pure. */
export function checkStack(stack: Readonly<Record<string, unknown>>, schema: ProviderSchema): Findings {
  const all = [
    ...entries(stack['resource'], schema.resource_schemas, ''),
    ...entries(stack['data'], schema.data_source_schemas, 'data.'),
  ];
  const isMissing = ({ type }: { type: string }): boolean => schema.missing?.includes(type) ?? false;
  return {
    problems: all.filter((one) => !isMissing(one)).flatMap(checkResource),
    unchecked: [...new Set(all.filter(isMissing).map(({ type }) => type))],
    checked: all.filter((one) => !isMissing(one)).length,
  };
}

interface Entry {
  readonly type: string;
  readonly place: string;
  readonly value: unknown;
  readonly block: Block | undefined;
}

function entries(part: unknown, schemas: Schemas, prefix: string): Entry[] {
  return Object.entries(isRecord(part) ? part : {}).flatMap(([type, resources]) =>
    Object.entries(isRecord(resources) ? resources : {}).map(([name, value]) => ({
      type: `${prefix}${type}`,
      place: `${prefix}${type}.${name}`,
      value,
      block: schemas[type]?.block,
    })),
  );
}

function checkResource({ place, value, block }: Entry): string[] {
  return block === undefined ? [`${place}: the provider has no such type`] : checkBlock(value, block, place);
}

function checkBlock(value: unknown, block: Block, place: string): string[] {
  if (Array.isArray(value)) return value.flatMap((element, index) => checkBlock(element, block, `${place}.${index}`));
  if (!isRecord(value)) return [];
  const present = Object.entries(value).filter(([key, part]) => !META.has(key) && part !== undefined && part !== null);
  return [
    ...present.flatMap(([key, part]) => checkKey(key, part, { block, place })),
    ...missingKeys(new Set(present.map(([key]) => key)), block).map((key) => `${place}: ${key} is required`),
  ];
}

function checkKey(key: string, value: unknown, { block, place }: { block: Block; place: string }): string[] {
  const nested = block.block_types?.[key];
  if (nested !== undefined) return checkBlock(value, nested.block, `${place}.${key}`);
  const attribute = block.attributes?.[key];
  if (attribute === undefined) return [`${place}.${key}: unknown argument`];
  return attribute.required || attribute.optional ? [] : [`${place}.${key}: is computed and cannot be set`];
}

function missingKeys(present: ReadonlySet<string>, { attributes = {}, block_types = {} }: Block): string[] {
  const required = [
    ...Object.entries(attributes).filter(([, attribute]) => attribute.required),
    ...Object.entries(block_types).filter(([, nested]) => (nested.min_items ?? 0) > 0),
  ];
  return required.map(([key]) => key).filter((key) => !present.has(key));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function main(output: string | undefined, schemaFile: string | undefined): number {
  if (output === undefined || schemaFile === undefined) {
    console.error('Usage: SLIPWAY_PROVIDER_SCHEMA=<file> node tools/check-synth.ts <output folder of the synthesis>');
    return 2;
  }
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as ProviderSchema;
  let failed = false;
  for (const id of readdirSync(join(output, 'stacks'))) {
    const stack = JSON.parse(readFileSync(join(output, 'stacks', id, 'cdk.tf.json'), 'utf8'));
    const { problems, unchecked, checked } = checkStack(stack, schema);
    const without = unchecked.length > 0 ? `, not in the dump: ${unchecked.join(', ')}` : '';
    console.log(`${id}: ${checked} resources checked, ${problems.length} problems${without}`);
    for (const problem of problems) console.error(`  ${problem}`);
    failed ||= problems.length > 0;
  }
  return failed ? 1 : 0;
}

if (import.meta.main) process.exitCode = main(process.argv[2], process.env['SLIPWAY_PROVIDER_SCHEMA']);
