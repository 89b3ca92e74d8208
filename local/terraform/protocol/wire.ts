import {
  type Block,
  isComputed,
  isOptional,
  isRequired,
  isSensitive,
  isWriteOnly,
  type ProviderSchema,
  type TypeSchema,
} from '../schema/types.ts';

const NESTING = { single: 'SINGLE', list: 'LIST', set: 'SET' } as const;

/** The answer to `GetProviderSchema`. Terraform may keep it for the whole command instead of asking for every instance. */
export function wireProviderSchema(schema: ProviderSchema): object {
  return {
    provider: wireSchema(schema.provider),
    resource_schemas: wireSchemas(schema.resources),
    data_source_schemas: wireSchemas(schema.dataSources),
    server_capabilities: { get_provider_schema_optional: true },
  };
}

const wireSchemas = (schemas: Readonly<Record<string, TypeSchema>>): object =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, wireSchema(schema)]));

const wireSchema = ({ version, block }: TypeSchema): object => ({ version, block: wireBlock(block) });

function wireBlock(block: Block): object {
  return {
    attributes: Object.entries(block.attributes).map(([name, attribute]) => ({
      name,
      type: Buffer.from(JSON.stringify(attribute[0])),
      required: isRequired(attribute),
      optional: isOptional(attribute),
      computed: isComputed(attribute),
      sensitive: isSensitive(attribute),
      write_only: isWriteOnly(attribute),
    })),
    block_types: Object.entries(block.blocks).map(([type_name, nested]) => ({
      type_name,
      nesting: NESTING[nested.nesting],
      min_items: nested.min ?? 0,
      max_items: nested.max ?? 0,
      block: wireBlock(nested.block),
    })),
  };
}
