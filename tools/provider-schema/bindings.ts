import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CtyType } from '../../local/terraform/schema/types.ts';

/** One entry of a generated `...ToHclTerraform` table: an argument that may be set in configuration. */
export interface Argument {
  readonly kind: string;
  readonly storage: string;
}

/** The text of one module of @cdktf/provider-aws, taken apart. Its code is generated, so its shape is regular. */
export interface Bindings {
  readonly classes: ReadonlyMap<string, { readonly base: string; readonly body: string }>;
  /** Struct name in lower case -> its arguments. */
  readonly structs: ReadonlyMap<string, ReadonlyMap<string, Argument>>;
  /** Struct names (lower case) whose absent members are written as null: attributes of object type, not blocks. */
  readonly objectStructs: ReadonlySet<string>;
  /** Interface of the third argument of the resource's constructor. */
  readonly config: string;
  /** Interface name -> properties that must be given. */
  readonly required: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads the module of a Terraform type (`s3-bucket`, `data-aws-region`, `provider`). Throws when there is none. */
export function readBindings(module: string): Bindings {
  const folder = join(import.meta.dirname, '../../node_modules/@cdktf/provider-aws/lib', module);
  if (!existsSync(folder)) throw new Error(`@cdktf/provider-aws has no module ${module}`);
  const code = readFileSync(join(folder, 'index.js'), 'utf8');
  const declarations = readFileSync(join(folder, 'index.d.ts'), 'utf8');
  const classes = code.matchAll(/^class (\w+) extends cdktf\.(\w+) \{\n([\s\S]*?)^\}/gm);
  const tables = code.matchAll(/^function (\w+)ToHclTerraform\(struct\) \{\n([\s\S]*?)^\}/gm);
  const writers = code.matchAll(/^function (\w+)ToTerraform\(struct\) \{\n([\s\S]*?)^\}/gm);
  const interfaces = declarations.matchAll(/^export interface (\w+) (?:extends [\w.]+ )?\{\n([\s\S]*?)^\}/gm);
  return {
    config: /constructor\(scope: Construct, id: string, config\??: (\w+)\)/.exec(declarations)?.[1] ?? '',
    classes: new Map([...classes].map(([, name = '', base = '', body = '']) => [name, { base, body }])),
    structs: new Map([...tables].map(([, name = '', body = '']) => [name.toLowerCase(), readArguments(body)])),
    objectStructs: new Set(
      [...writers]
        .filter(([, , body = '']) => /: struct\.\w+ === undefined \? null :/.test(body))
        .map(([, name = '']) => name.toLowerCase()),
    ),
    required: new Map([...interfaces].map(([, name = '', body = '']) => [name, requiredProperties(body)])),
  };
}

/** Reads the arguments out of the body of a function that builds HCL attributes. */
export function readArguments(body: string): ReadonlyMap<string, Argument> {
  const pattern =
    /^\s+"?(\w+)"?: \{\s+value: .*,\s+isBlock: (?:true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)",/gm;
  return new Map(
    [...body.matchAll(pattern)].map(([, name = '', kind = '', storage = '']) => [name, { kind, storage }]),
  );
}

function requiredProperties(body: string): ReadonlySet<string> {
  return new Set([...body.matchAll(/^ {4}readonly (\w+)(\??):/gm)].filter((m) => !m[2]).map((m) => m[1] ?? ''));
}

const SCALARS: Readonly<Record<string, CtyType>> = { string: 'string', number: 'number', boolean: 'bool' };

/** `stringList` -> `["list","string"]`; undefined for structs and for `any`. */
export function storageType(storage: string): CtyType | undefined {
  const scalar = SCALARS[storage];
  if (scalar) return scalar;
  const [, inner = '', collection] = /^(.*)(List|Map)$/.exec(storage) ?? [];
  const element = inner && storageType(inner);
  return element ? [collection === 'Map' ? 'map' : 'list', element] : undefined;
}

/** Type of a plain getter: `String`, `NumberList`, `BooleanMap`, as in `getStringAttribute`. */
export function getterType(kind: string, wrapsSet: boolean): CtyType | undefined {
  const storage = kind === 'List' ? 'stringList' : kind.charAt(0).toLowerCase() + kind.slice(1);
  const type = storageType(storage);
  return wrapsSet && Array.isArray(type) && type[0] === 'list' ? ['set', type[1]] : type;
}
