import type { ResourceDefinition } from '../engine/definition.ts';
import type { Block, CtyType } from '../schema/types.ts';
import { isOptional, isRequired, isWriteOnly } from '../schema/types.ts';

/** Which arguments a made-up configuration has: those that must be given, or all that can be. */
export type Extent = 'minimal' | 'full';

/** Arguments that Terraform or the engine decide about, or that exclude one which is given. */
const LEFT_OUT = ['id', 'region', 'tags_all', 'name_prefix', 'timeouts'];

/** Invents a configuration that passes the schema and the provider's own checks, whatever the resource is for. */
export function dummyConfig(
  block: Block,
  rules: ResourceDefinition,
  extent: Extent,
  prefix = '',
): Record<string, unknown> {
  const attributes = Object.entries(block.attributes)
    .filter(([name, attribute]) => {
      const isSettable = isOptional(attribute) && !isWriteOnly(attribute) && !LEFT_OUT.includes(name);
      return isRequired(attribute) || (extent === 'full' && isSettable);
    })
    .map(([name, [type]]) => [name, dummyValue(type, rules, prefix + name)] as const);
  const blocks = Object.entries(block.blocks)
    .filter(([name, { min = 0 }]) => !LEFT_OUT.includes(name) && (min > 0 || extent === 'full'))
    .map(([name, { nesting, min = 1, block: inner }]) => {
      const element = dummyConfig(inner, rules, extent, `${prefix}${name}.`);
      return [name, nesting === 'single' ? element : Array(min).fill(element)] as const;
    });
  return Object.fromEntries([...attributes, ...blocks]);
}

function dummyValue(type: CtyType, rules: ResourceDefinition, path: string): unknown {
  const allowed = rules.oneOf?.[path]?.find((value) => value !== '');
  if (allowed !== undefined) return Array.isArray(type) ? [allowed] : allowed;
  if (type === 'number') return 5;
  if (type === 'bool') return true;
  if (type === 'string') return dummyText(rules, path);
  const [kind, inner] = type;
  if (kind === 'map') return { key: dummyValue(inner, rules, `${path}.key`) };
  if (kind !== 'object') return [dummyValue(inner, rules, path)];
  return Object.fromEntries(
    Object.entries(inner).map(([name, member]) => [name, dummyValue(member, rules, `${path}.${name}`)]),
  );
}

function dummyText(rules: ResourceDefinition, path: string): string {
  const name = path.split('.').at(-1) ?? path;
  if (rules.json?.includes(path)) return '{"Statement":[]}';
  if (name.endsWith('arn')) return `arn:aws:service:us-east-1:000000000000:thing/${name}`;
  if (name.includes('cidr')) return '10.0.0.0/16';
  if (name === 'url') return 'https://issuer.example';
  return path === 'name' ? 'alias/dummy' : `value-${name}`;
}
