/** Terraform's type system (cty) in the JSON form that the plugin protocol uses: `"string"`, `["set","string"]`. */
export type CtyType =
  | 'string'
  | 'number'
  | 'bool'
  | readonly ['list' | 'set' | 'map', CtyType]
  | readonly ['object', Readonly<Record<string, CtyType>>];

/**
 * One attribute: its type and its flags, one letter each: `r`equired, `o`ptional, `c`omputed, `s`ensitive,
 * `w`rite-only.
 */
export type Attribute = readonly [type: CtyType, flags: string];

export interface NestedBlock {
  readonly nesting: 'single' | 'list' | 'set';
  readonly min?: number;
  readonly max?: number;
  readonly block: Block;
}

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly blocks: Readonly<Record<string, NestedBlock>>;
}

export interface TypeSchema {
  /** Schema version that Terraform writes into the state; a state with a higher one than ours is refused by Terraform. */
  readonly version: number;
  readonly block: Block;
}

export interface ProviderSchema {
  readonly provider: TypeSchema;
  readonly resources: Readonly<Record<string, TypeSchema>>;
  readonly dataSources: Readonly<Record<string, TypeSchema>>;
}

/** What the generated bindings of CDKTF do not say about a type. Paths are dotted: `versioning_configuration.mfa_delete`. */
export interface SchemaFacts {
  readonly version?: number;
  /** Optional attributes that the provider computes when they are left out. */
  readonly computed?: readonly string[];
  readonly sensitive?: readonly string[];
  readonly writeOnly?: readonly string[];
  readonly minItems?: Readonly<Record<string, number>>;
  readonly maxItems?: Readonly<Record<string, number>>;
}

export const isRequired = ([, flags]: Attribute): boolean => flags.includes('r');
export const isOptional = ([, flags]: Attribute): boolean => flags.includes('o');
export const isComputed = ([, flags]: Attribute): boolean => flags.includes('c');
export const isSensitive = ([, flags]: Attribute): boolean => flags.includes('s');
export const isWriteOnly = ([, flags]: Attribute): boolean => flags.includes('w');
