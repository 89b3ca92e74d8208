/**
 * Makes the schema that the local Terraform provider serves.
 *
 *   node tools/provider-schema.ts           writes local/terraform/generated/schema.json from @cdktf/provider-aws and facts.json
 *   node tools/provider-schema.ts check     compares it with the real provider's schema
 *   node tools/provider-schema.ts facts     rewrites facts.json from the real provider's schema, after new types were added
 *
 * `check` and `facts` need SLIPWAY_PROVIDER_SCHEMA: a file in the format of `terraform providers schema -json` of
 * hashicorp/aws 6.25.0 (one provider's entry).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataSources } from '../local/terraform/data/index.ts';
import { resources } from '../local/terraform/resources/index.ts';
import { loadProviderSchema } from '../local/terraform/schema/load.ts';
import type { Block, ProviderSchema, SchemaFacts, TypeSchema } from '../local/terraform/schema/types.ts';
import { deriveProvider, deriveType } from './provider-schema/derive.ts';
import { applyFacts } from './provider-schema/facts.ts';
import { factsBetween, fromDump, readDump } from './provider-schema/truth.ts';
import { wafStatement } from './provider-schema/waf-statement.ts';

const OUTPUT = join(import.meta.dirname, '../local/terraform/generated/schema.json');
const FACTS = join(import.meta.dirname, 'provider-schema/facts.json');

type Facts = Record<string, SchemaFacts>;

/** What the bindings do not say, per type; data sources are written `data.<type>`. */
export const readFacts = (): Facts => JSON.parse(readFileSync(FACTS, 'utf8')) as Facts;

/** Derives the schema of everything that the provider supports. */
export function generate(facts: Facts): ProviderSchema {
  const derive = (type: string, prefix: string): TypeSchema =>
    applyFacts(deriveNamed(type, prefix), facts[prefix + type] ?? {});
  const all = (types: object, prefix: string) =>
    Object.fromEntries(
      Object.keys(types)
        .sort()
        .map((type) => [type, derive(type, prefix)]),
    );
  return { provider: deriveProvider(), resources: all(resources, ''), dataSources: all(dataSources, 'data.') };
}

function deriveNamed(type: string, prefix: string): TypeSchema {
  const module = type.replace(/^aws_/, '').replaceAll('_', '-');
  const schema = deriveType(prefix ? `data-aws-${module}` : module);
  return type === 'aws_wafv2_web_acl' ? withWafStatement(schema) : schema;
}

function withWafStatement({ version, block }: TypeSchema): TypeSchema {
  const rule = block.blocks['rule'];
  if (!rule) throw new Error('aws_wafv2_web_acl has no rule block');
  const inner: Block = { ...rule.block, blocks: { ...rule.block.blocks, statement: wafStatement() } };
  return { version, block: { ...block, blocks: { ...block.blocks, rule: { ...rule, block: inner } } } };
}

/** Every difference between the committed schema and the real one, as `type.path: ours -> theirs`. */
export function compare(ours: ProviderSchema, dumpFile: string): string[] {
  const dump = readDump(dumpFile);
  const differences = (kind: 'resources' | 'dataSources', truths: typeof dump.resource_schemas) =>
    Object.entries(ours[kind]).flatMap(([type, schema]) => {
      const truth = truths[type];
      return truth ? diff(type, schema, fromDump(truth)) : [];
    });
  return [...differences('resources', dump.resource_schemas), ...differences('dataSources', dump.data_source_schemas)];
}

function diff(path: string, ours: unknown, theirs: unknown): string[] {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(ours) || !isObject(theirs)) {
    const [left, right] = [ours, theirs].map((value) => JSON.stringify(normal(value)));
    return left === right ? [] : [`${path}: ${left} -> ${right}`];
  }
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...names].flatMap((name) => diff(`${path}.${name}`, ours[name], theirs[name]));
}

const normal = (value: unknown): unknown => {
  if (!Array.isArray(value)) return value;
  const [type, flags] = value;
  return [sortKeys(type), typeof flags === 'string' ? [...flags].sort().join('') : flags];
};
const sortKeys = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, item) =>
    item && typeof item === 'object' && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).sort()) : item,
  );

function deriveFacts(dumpFile: string, kept: Facts): Facts {
  const dump = readDump(dumpFile);
  const entries = (types: object, prefix: string, truths: typeof dump.resource_schemas) =>
    Object.keys(types)
      .sort()
      .map((type): [string, SchemaFacts] => {
        const truth = truths[type];
        return [
          prefix + type,
          truth ? factsBetween(deriveNamed(type, prefix), fromDump(truth)) : (kept[prefix + type] ?? {}),
        ];
      });
  const all = [
    ...entries(resources, '', dump.resource_schemas),
    ...entries(dataSources, 'data.', dump.data_source_schemas),
  ];
  return Object.fromEntries(all.filter(([, facts]) => Object.keys(facts).length > 0));
}

/** One line per type: small, and a change shows in the diff where it happened. */
function render(schema: ProviderSchema): string {
  const lines = (types: ProviderSchema['resources']) =>
    Object.entries(types)
      .map(([type, item]) => `    ${JSON.stringify(type)}: ${JSON.stringify(item)}`)
      .join(',\n');
  return `{\n  "provider": ${JSON.stringify(schema.provider)},\n  "resources": {\n${lines(schema.resources)}\n  },\n  "dataSources": {\n${lines(schema.dataSources)}\n  }\n}\n`;
}

function renderFacts(facts: Facts): string {
  const lines = Object.entries(facts).map(([type, item]) => `  ${JSON.stringify(type)}: ${JSON.stringify(item)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function requireDump(): string {
  const file = process.env['SLIPWAY_PROVIDER_SCHEMA'];
  if (file) return file;
  console.error(
    'SLIPWAY_PROVIDER_SCHEMA has to name the schema of hashicorp/aws 6.25.0 (terraform providers schema -json).',
  );
  process.exit(2);
}

function main(command: string | undefined): void {
  const facts = readFacts();
  if (command === 'check') {
    const differences = compare(loadProviderSchema(), requireDump());
    console.log(differences.length === 0 ? 'The schema is the real one.' : differences.join('\n'));
    process.exitCode = differences.length === 0 ? 0 : 1;
  } else if (command === 'facts') writeFileSync(FACTS, renderFacts(deriveFacts(requireDump(), facts)));
  else writeFileSync(OUTPUT, render(generate(facts)));
}

if (import.meta.main) main(process.argv[2]);
