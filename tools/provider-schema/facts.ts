import type { Attribute, Block, NestedBlock, SchemaFacts, TypeSchema } from '../../local/terraform/schema/types.ts';

/** Adds to a derived schema what the bindings do not say. */
export function applyFacts(derived: TypeSchema, facts: SchemaFacts): TypeSchema {
  return { version: facts.version ?? 0, block: patchBlock(derived.block, facts, '') };
}

function patchBlock(block: Block, facts: SchemaFacts, prefix: string): Block {
  const attributes = Object.entries(block.attributes).map(
    ([name, attribute]) => [name, patchAttribute(attribute, facts, prefix + name)] as const,
  );
  const blocks = Object.entries(block.blocks).map(
    ([name, nested]) => [name, patchNested(nested, facts, prefix + name)] as const,
  );
  return { attributes: Object.fromEntries(attributes), blocks: Object.fromEntries(blocks) };
}

// These three are optional and computed wherever they can be set.
const ALWAYS_COMPUTED = ['id', 'region', 'tags_all'];

function patchAttribute([type, flags]: Attribute, facts: SchemaFacts, path: string): Attribute {
  const isComputed = facts.computed?.includes(path) || (flags === 'o' && ALWAYS_COMPUTED.includes(path));
  const added = [
    isComputed && !flags.includes('c') ? 'c' : '',
    facts.sensitive?.includes(path) ? 's' : '',
    facts.writeOnly?.includes(path) ? 'w' : '',
  ];
  return [type, flags + added.join('')];
}

function patchNested({ nesting, min, max, block }: NestedBlock, facts: SchemaFacts, path: string): NestedBlock {
  const least = facts.minItems?.[path] ?? min ?? 0;
  const most = facts.maxItems?.[path] ?? max ?? 0;
  const limits = { ...(least > 0 ? { min: least } : {}), ...(most > 0 ? { max: most } : {}) };
  return { nesting, ...limits, block: patchBlock(block, facts, `${path}.`) };
}
