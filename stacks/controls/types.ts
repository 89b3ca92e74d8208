/** What a control asks of one value, list, policy or resource; see operators.ts, blocks.ts, policies.ts and evaluate.ts. */
export interface Condition {
  /** Snake case and dotted; a block may be an object or a list, and every element counts. `name#json` parses a JSON string in place. Empty: the resource. */
  readonly path: string;
  readonly operator: string;
  readonly value?: unknown;
}

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** Kinds of environments that a control is for; account and bootstrap are judged as production. */
export type JudgedAs = 'production' | 'staging' | 'preview';

/** One rule that the synthesized stacks have to keep. It is data: data/<topic>.json. */
export interface Control extends Condition {
  readonly id: string;
  readonly severity: Severity;
  /** `aws_*`, `data.aws_*`, `provider.aws`, `terraform`, `terraform.backend.s3`, `terraform.required_providers`, or `*` for every resource. */
  readonly resourceType: string;
  /** Preconditions; a resource for which one fails is none of the control's business. */
  readonly when?: readonly Condition[];
  /** Empty: nobody has to keep it (opt in). */
  readonly environments: readonly JudgedAs[];
  /** A value that breaks a rule written as a pattern; the mutation test uses it. */
  readonly counterexample?: string;
  readonly why: string;
  /** Ids in Checkov (CKV_*), Trivy (AWS-nnnn), AWS Foundational Security Best Practices (FSBP), CIS AWS 6.0.0 (CIS6), or `project`. */
  readonly source: string;
  /** Name of the data file. */
  readonly topic: string;
}

export type Json = Readonly<Record<string, unknown>>;

/** A synthesized stack (`cdk.tf.json`). */
export interface JudgedStack {
  readonly id: string;
  /** Stacks of one environment are judged together: a resource may be referred to from another of its stacks. */
  readonly environment: string;
  readonly judgedAs: JudgedAs;
  readonly json: Json;
}

/** One resource that a control was asked of. */
export interface Finding {
  readonly control: string;
  readonly stack: string;
  /** `aws_s3_bucket.logs_bucket_5A22438C`. */
  readonly resource: string;
  /** Undefined when the resource keeps the rule. */
  readonly problem?: string;
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
