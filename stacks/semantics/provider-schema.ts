import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Type and flags of an attribute: `r`equired, `o`ptional, `c`omputed. */
export type Attribute = readonly [type: unknown, flags: string];

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly blocks: Readonly<Record<string, { readonly min?: number; readonly max?: number; readonly block: Block }>>;
}

interface Types {
  readonly [type: string]: { readonly block: Block };
}

/** The schema of hashicorp/aws, for the types that we use. */
export interface ProviderSchema {
  readonly resources: Types;
  readonly dataSources: Types;
}

/** Where the table is committed; `node tools/provider-schema.ts` makes it, local/terraform/README.md says how a type is added. */
export const SCHEMA_FILE = 'local/terraform/generated/schema.json';

export const loadProviderSchema = (root: string): ProviderSchema =>
  JSON.parse(readFileSync(join(root, SCHEMA_FILE), 'utf8')) as ProviderSchema;

/** The block of `aws_s3_bucket` or `data.aws_route53_zone`; undefined when the table lacks it. */
export const blockOf = (schema: ProviderSchema, type: string): Block | undefined =>
  type.startsWith('data.') ? schema.dataSources[type.slice('data.'.length)]?.block : schema.resources[type]?.block;
