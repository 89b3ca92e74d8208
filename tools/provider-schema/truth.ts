import { readFileSync } from 'node:fs';
import type {
  Attribute,
  Block,
  CtyType,
  NestedBlock,
  SchemaFacts,
  TypeSchema,
} from '../../local/terraform/schema/types.ts';

/** The output of `terraform providers schema -json` for the real provider, as far as it matters. */
export interface SchemaDump {
  readonly resource_schemas: Readonly<Record<string, DumpedType>>;
  readonly data_source_schemas: Readonly<Record<string, DumpedType>>;
}
interface DumpedType {
  readonly version: number;
  readonly block: DumpedBlock;
}
interface DumpedBlock {
  readonly attributes?: Readonly<Record<string, DumpedAttribute>>;
  readonly block_types?: Readonly<Record<string, DumpedNested>>;
}
interface DumpedAttribute {
  readonly type: CtyType;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
}
interface DumpedNested {
  readonly nesting_mode: 'single' | 'list' | 'set';
  readonly min_items?: number;
  readonly max_items?: number;
  readonly block: DumpedBlock;
}

export function readDump(file: string): SchemaDump {
  return JSON.parse(readFileSync(file, 'utf8')) as SchemaDump;
}

/** The dumped schema in our form. */
export function fromDump({ version, block }: DumpedType): TypeSchema {
  return { version, block: blockFromDump(block) };
}

function blockFromDump(block: DumpedBlock): Block {
  const attributes = Object.entries(block.attributes ?? {}).map(
    ([name, attribute]) => [name, attributeFromDump(attribute)] as const,
  );
  const blocks = Object.entries(block.block_types ?? {}).map(
    ([name, nested]) => [name, nestedFromDump(nested)] as const,
  );
  return { attributes: Object.fromEntries(attributes), blocks: Object.fromEntries(blocks) };
}

function attributeFromDump(attribute: DumpedAttribute): Attribute {
  const letters = [
    attribute.required && 'r',
    attribute.optional && 'o',
    attribute.computed && 'c',
    attribute.sensitive && 's',
    attribute.write_only && 'w',
  ];
  return [attribute.type, letters.filter(Boolean).join('')];
}

function nestedFromDump(nested: DumpedNested): NestedBlock {
  return {
    nesting: nested.nesting_mode,
    ...(nested.min_items ? { min: nested.min_items } : {}),
    ...(nested.max_items ? { max: nested.max_items } : {}),
    block: blockFromDump(nested.block),
  };
}

/** What has to be added to a derived schema to make it the true one. */
export function factsBetween(derived: TypeSchema, truth: TypeSchema): SchemaFacts {
  const facts = {
    computed: [] as string[],
    sensitive: [] as string[],
    writeOnly: [] as string[],
    minItems: {} as Record<string, number>,
    maxItems: {} as Record<string, number>,
  };
  const walk = (ours: Block, theirs: Block, prefix: string): void => {
    for (const [name, [, flags]] of Object.entries(theirs.attributes)) {
      const have = ours.attributes[name]?.[1] ?? flags;
      const isRule = prefix === '' && ['id', 'region', 'tags_all'].includes(name);
      if (flags.includes('c') && !have.includes('c') && !isRule) facts.computed.push(prefix + name);
      if (flags.includes('s')) facts.sensitive.push(prefix + name);
      if (flags.includes('w')) facts.writeOnly.push(prefix + name);
    }
    for (const [name, nested] of Object.entries(theirs.blocks)) {
      const have = ours.blocks[name];
      if (!have) continue;
      if ((nested.min ?? 0) !== (have.min ?? 0)) facts.minItems[prefix + name] = nested.min ?? 0;
      if ((nested.max ?? 0) !== (have.max ?? 0)) facts.maxItems[prefix + name] = nested.max ?? 0;
      walk(have.block, nested.block, `${prefix}${name}.`);
    }
  };
  walk(derived.block, truth.block, '');
  const used = Object.entries(facts).filter(([, value]) => Object.keys(value).length > 0);
  return { ...(truth.version ? { version: truth.version } : {}), ...Object.fromEntries(used) };
}
