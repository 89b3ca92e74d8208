/** What Terraform is going to do to one resource. `replace` destroys it and creates it anew. */
export type Action = 'create' | 'update' | 'replace' | 'delete';

/** The order in which changes are told: what destroys something first. */
export const ACTIONS = ['delete', 'replace', 'update', 'create'] as const satisfies readonly Action[];

export interface AttributeChange {
  /** `tags.Name`, `ingress.0.from_port`. */
  readonly path: string;
  /** Short text; `(known after apply)` and `(sensitive)` stand for what cannot be shown. */
  readonly before: string;
  readonly after: string;
  /** This attribute is why the resource has to be replaced. */
  readonly forcesReplacement: boolean;
}

export interface ResourceChange {
  /** `aws_dynamodb_table.jobs`. */
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** Holds data that is gone once it is destroyed. */
  readonly stateful: boolean;
  /** What differs; empty for what is created or deleted. */
  readonly attributes: readonly AttributeChange[];
}

/** One resource with its attributes as Terraform knows them. */
export interface PlannedResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a plan of one stack says. */
export interface StackPlan {
  readonly changes: readonly ResourceChange[];
  /** Everything that the stack has now, for what depends on the whole: cost. */
  readonly before: readonly PlannedResource[];
}
