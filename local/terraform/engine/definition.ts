import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import type { Path } from '../protocol/diagnostics.ts';
import type { Value, Values } from '../schema/value.ts';
import type { Equivalence } from './equal.ts';

/** What a definition is given beside values: the configured provider, the local cloud behind it, and ways to name things. */
export interface Context {
  readonly cloud: Cloud;
  /** Region of the provider configuration (of the alias) or of the resource. */
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
  /** Aborted when Terraform is told to stop (Ctrl-C). */
  readonly signal: AbortSignal;
  /** `arn:aws:<service>:<region>:<account>:<resource>`; `global` leaves the region out. */
  arn(service: string, resource: string, scope?: 'global'): string;
  /** Calls an AWS API of the local cloud. Throws `AwsError`, its message worded as the AWS SDK words it. */
  call<Output = Record<string, unknown>>(service: string, operation: string, input: object): Promise<Output>;
  /** What the provider itself remembers about resources of a type that no served AWS API describes. */
  records(type: string): Collection<ResourceRecord>;
}

export interface ResourceRecord {
  readonly id: string;
  readonly attributes: Values;
}

/** Something that is wrong with a configuration; `path` leads to the attribute. */
export interface Problem {
  readonly path: Path;
  readonly summary: string;
  readonly detail: string;
}

/** Where resources of a type live. Every function may throw `AwsError` or `ProviderError`. */
export interface Backend {
  /**
   * Creates the resource and returns what identifies it (at least `id`), with whatever else only creation reveals.
   * `config` is what the user wrote: it holds write-only values, which `planned` never does.
   */
  create(planned: Values, context: Context, config: Values): Promise<Values>;
  /**
   * The second half of creation: what can only be done once the resource exists. If it fails, Terraform knows the resource and
   * replaces it next time; nothing is left behind unseen.
   */
  complete?(created: Values, context: Context): Promise<void>;
  /**
   * What there is now: attributes that the service knows; the ones left out keep their value in the state. `tags_all` stands
   * for all tags. Undefined: the resource does not exist.
   */
  read(state: Values, context: Context): Promise<Values | undefined>;
  /** Brings the resource from `prior` to `planned`; returns attributes that change with it. */
  update(prior: Values, planned: Values, context: Context, config: Values): Promise<Values>;
  delete(state: Values, context: Context): Promise<void>;
  /** The state that `terraform import <address> <id>` starts from; by default `{id}`. */
  importState?(id: string, context: Context): Values;
}

/** What neither the schema nor the bindings say about a type. Paths are dotted and without indices: `rule.action.name`. */
export interface Rules {
  /** Value of an optional attribute that is left out. */
  readonly defaults?: Readonly<Record<string, Value>>;
  /** A change of one of these replaces the resource; a block's name stands for everything in it. */
  readonly forceNew?: readonly string[];
  /** Attributes that hold JSON documents: formatting and order are no difference. */
  readonly json?: readonly string[];
  readonly equivalent?: Readonly<Record<string, Equivalence>>;
  /** Blocks that the provider fills if they are left out. */
  readonly computedBlocks?: readonly string[];
  /** Computed attribute -> attributes whose change gives it a new value; `*` is any change. */
  readonly recomputed?: Readonly<Record<string, readonly string[]>>;
  /** Attributes whose change replaces the resource under further conditions. */
  replaces?(prior: Values, planned: Values): readonly string[];
  /** Allowed values. */
  readonly oneOf?: Readonly<Record<string, readonly string[]>>;
  /** Further checks of a configuration; values may be unknown. */
  validate?(config: Values): readonly Problem[];
  /** Last word on a plan; `prior` is undefined on creation. Returns the attributes to change. */
  adjustPlan?(planned: Values, prior: Values | undefined, context: Context, config: Values): Values;
}

export interface ResourceDefinition extends Rules {
  readonly backend: Backend;
}

/** Reads a data source. `config` is complete: Terraform waits until everything in it is known. */
export type DataSource = (config: Values, context: Context) => Promise<Values> | Values;
