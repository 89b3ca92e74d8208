import type { Attribute, Block, CtyType, NestedBlock, TypeSchema } from '../../local/terraform/schema/types.ts';
import { type Argument, type Bindings, getterType, readArguments, readBindings, storageType } from './bindings.ts';

interface MutableBlock {
  readonly attributes: Record<string, Attribute>;
  readonly blocks: Record<string, NestedBlock>;
}

/** Derives the schema of a resource type or data source from the generated bindings, as far as they show it. */
export function deriveType(module: string): TypeSchema {
  const bindings = readBindings(module);
  const found = [...bindings.classes].find(([, { base }]) => /^Terraform(Resource|DataSource)$/.test(base));
  if (!found) throw new Error(`${module}: no resource class in its bindings`);
  const [name, { body }] = found;
  const table = /synthesizeHclAttributes\(\) \{([\s\S]*?)^ {4}\}/m.exec(body)?.[1] ?? '';
  return {
    version: 0,
    block: deriveBlock(bindings, { className: name, config: bindings.config, arguments: readArguments(table) }),
  };
}

/** Derives the schema of the provider's own configuration block, which has arguments only. */
export function deriveProvider(): TypeSchema {
  const bindings = readBindings('provider');
  const found = [...bindings.classes].find(([, { base }]) => base === 'TerraformProvider');
  const table = /synthesizeHclAttributes\(\) \{([\s\S]*?)^ {4}\}/m.exec(found?.[1].body ?? '')?.[1] ?? '';
  return { version: 0, block: argumentBlock(bindings, readArguments(table)) };
}

function argumentBlock(bindings: Bindings, table: ReadonlyMap<string, Argument>): Block {
  const block: MutableBlock = { attributes: {}, blocks: {} };
  for (const [name, { kind, storage }] of table) {
    if (name === 'alias') continue;
    const type = storageType(storage);
    if (type) block.attributes[name] = [kind === 'set' ? asSet(type) : type, 'o'];
    else {
      const struct = storage.replace(/List$/, '').toLowerCase();
      const nested = argumentBlock(bindings, bindings.structs.get(struct) ?? new Map());
      block.blocks[name] = { nesting: kind === 'set' ? 'set' : 'list', block: nested };
    }
  }
  return block;
}

interface Origin {
  readonly className: string;
  /** Interface that says which properties must be given. */
  readonly config: string;
  readonly arguments: ReadonlyMap<string, Argument>;
}

function deriveBlock(bindings: Bindings, origin: Origin): Block {
  const body = bindings.classes.get(origin.className)?.body ?? '';
  const block: MutableBlock = { attributes: {}, blocks: {} };
  derivePlain(bindings, origin, body, block);
  for (const member of complexMembers(body)) deriveComplex(bindings, origin, member, block);
  return block;
}

const GETTER =
  /^ {4}get (\w+)\(\) \{\n\s+return (?:cdktf\.Token\.\w+\()?(cdktf\.Fn\.tolist\()?this\.(?:get(\w+?)Attribute|interpolationForAttribute)\('(\w+)'\)/gm;

function derivePlain(bindings: Bindings, origin: Origin, body: string, block: MutableBlock): void {
  const required = bindings.required.get(origin.config);
  for (const [, property = '', toList, kind = '', name = ''] of body.matchAll(GETTER)) {
    const argument = origin.arguments.get(name);
    const type = getterType(kind, Boolean(toList)) ?? (argument && storageType(argument.storage));
    if (!type) continue;
    const flags = !argument ? 'c' : required?.has(property) ? 'r' : 'o';
    block.attributes[name] = [argument?.kind === 'set' ? asSet(type) : type, flags];
  }
}

interface ComplexMember {
  readonly name: string;
  readonly className: string;
  readonly builtIn: boolean;
  readonly wrapsSet: boolean;
  readonly comment: { readonly computed: boolean; readonly optional: boolean; readonly required: boolean };
}

function* complexMembers(body: string): Generator<ComplexMember> {
  const pattern =
    /\/\/ \w+ - computed: (true|false), optional: (true|false), required: (true|false)\n\s+this\._\w+ = new (cdktf\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\)/g;
  for (const [, computed, optional, required, builtIn, className = '', name = '', set] of body.matchAll(pattern)) {
    const comment = { computed: computed === 'true', optional: optional === 'true', required: required === 'true' };
    yield { name, className, builtIn: Boolean(builtIn), wrapsSet: set === 'true', comment };
  }
}

function deriveComplex(bindings: Bindings, origin: Origin, member: ComplexMember, block: MutableBlock): void {
  const flags = memberFlags(member);
  if (member.builtIn) {
    const type = getterType(member.className, false);
    if (type) block.attributes[member.name] = [type, flags];
    return;
  }
  const argument = origin.arguments.get(member.name);
  const { element, nesting, max } = container(bindings, member, argument);
  const struct = element.replace(/OutputReference$/, '');
  const inner = deriveBlock(bindings, {
    className: element,
    config: struct,
    arguments: bindings.structs.get(struct.toLowerCase()) ?? new Map(),
  });
  const isAttribute = !argument || nesting === 'map' || bindings.objectStructs.has(struct.toLowerCase());
  if (isAttribute) block.attributes[member.name] = [wrap(nesting, objectType(inner)), flags];
  else {
    const limits = { ...(member.comment.required ? { min: 1 } : {}), ...(max ? { max } : {}) };
    block.blocks[member.name] = { nesting, ...limits, block: inner };
  }
}

function memberFlags({ comment }: ComplexMember): string {
  if (comment.required) return 'r';
  return `${comment.optional ? 'o' : ''}${comment.computed ? 'c' : ''}`;
}

type Nesting = 'single' | 'list' | 'set' | 'map';

function container(bindings: Bindings, member: ComplexMember, argument: Argument | undefined) {
  const found = bindings.classes.get(member.className);
  const inner = /return new (\w+)\(/.exec(found?.body ?? '')?.[1] ?? member.className;
  const result = (element: string, nesting: Nesting, max?: number) => ({ element, nesting, max });
  if (found?.base === 'ComplexList') return result(inner, member.wrapsSet ? 'set' : 'list');
  if (found?.base === 'ComplexMap') return result(inner, 'map');
  const isListOfOne = /super\(terraformResource, terraformAttribute, false, 0\)/.test(found?.body ?? '');
  if (isListOfOne) return result(member.className, argument?.kind === 'set' ? 'set' : 'list', 1);
  return result(member.className, 'single');
}

function objectType(block: Block): CtyType {
  const attributes = Object.entries(block.attributes).map(([name, [type]]) => [name, type] as const);
  const blocks = Object.entries(block.blocks).map(
    ([name, nested]) => [name, wrap(nested.nesting, objectType(nested.block))] as const,
  );
  return ['object', Object.fromEntries([...attributes, ...blocks])];
}

const wrap = (nesting: Nesting, type: CtyType): CtyType => (nesting === 'single' ? type : [nesting, type]);
const asSet = (type: CtyType): CtyType => (Array.isArray(type) && type[0] === 'list' ? ['set', type[1]] : type);
