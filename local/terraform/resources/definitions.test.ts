import { dataSources } from '../data/index.ts';
import type { ResourceDefinition } from '../engine/definition.ts';
import { loadProviderSchema } from '../schema/load.ts';
import { type Block, isComputed, isRequired } from '../schema/types.ts';
import { resources } from './index.ts';

const schema = loadProviderSchema();

// Types on the newer of the provider's two frameworks, where what has a default counts as computed.
const COMPUTED_DEFAULTS = [
  'aws_api_gateway_account.cloudwatch_role_arn',
  'aws_s3_bucket_lifecycle_configuration.transition_default_minimum_object_size',
];

/** What a dotted path leads to: an attribute, a block, or nothing. */
function at(block: Block, path: string): 'attribute' | 'block' | undefined {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return block.attributes[name] ? 'attribute' : block.blocks[name] ? 'block' : undefined;
  const nested = block.blocks[name];
  return nested && at(nested.block, rest.join('.'));
}

const blockOf = (type: string): Block => {
  const found = schema.resources[type];
  if (!found) throw new Error(`${type} is not in the schema: run node tools/provider-schema.ts`);
  return found.block;
};

describe('definitions', () => {
  test('the generated schema describes exactly what is supported', () => {
    expect(Object.keys(schema.resources)).toEqual(Object.keys(resources).sort());
    expect(Object.keys(schema.dataSources)).toEqual(Object.keys(dataSources).sort());
  });

  test.each(Object.entries(resources))('%s speaks of attributes that its schema has', (type, definition) => {
    const block = blockOf(type);
    const attributes = [definition.defaults, definition.oneOf, definition.equivalent].flatMap((table) =>
      Object.keys(table ?? {}),
    );
    const recomputed = Object.entries(definition.recomputed ?? {}).flatMap(([name, causes]) => [name, ...causes]);
    for (const path of [...attributes, ...(definition.json ?? [])])
      expect([path, at(block, path)]).toEqual([path, 'attribute']);
    for (const path of definition.computedBlocks ?? []) expect([path, at(block, path)]).toEqual([path, 'block']);
    for (const path of [...(definition.forceNew ?? []), ...recomputed]) {
      expect([path, path === '*' || at(block, path) !== undefined]).toEqual([path, true]);
    }
  });

  test.each(Object.entries(resources))('%s gives no default to what the provider computes', (type, definition) => {
    const block = blockOf(type);
    for (const path of Object.keys(definition.defaults ?? {}).filter((name) => !name.includes('.'))) {
      const attribute = block.attributes[path];
      const isFixed = attribute && (!isComputed(attribute) || COMPUTED_DEFAULTS.includes(`${type}.${path}`));
      expect([path, isFixed && !isRequired(attribute)]).toEqual([path, true]);
    }
  });

  test.each(Object.entries(resources).flatMap(madeBy))('%s.%s may be computed', (type, name) => {
    const attribute = blockOf(type).attributes[name];
    expect(attribute ? isComputed(attribute) : name === 'id').toBe(true);
  });
});

function madeBy([type, definition]: [string, ResourceDefinition]): [string, string][] {
  const computed = 'computed' in definition ? (definition.computed as object) : {};
  return Object.keys(computed).map((name) => [type, name]);
}
