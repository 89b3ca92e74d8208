import type { LevelByScope } from '../plan/permissions.ts';

/** A value of YAML that may still hold `${{ }}`. */
export type Template = unknown;

/** A workflow file as its YAML says it, after GitHub's own parser found no fault with it. */
export interface WorkflowDocument {
  readonly name?: string;
  readonly 'run-name'?: Template;
  readonly on: string | readonly string[] | Readonly<Record<string, TriggerDefinition | null>>;
  readonly env?: Template;
  readonly defaults?: Defaults;
  readonly permissions?: PermissionsDefinition;
  readonly concurrency?: ConcurrencyDefinition;
  readonly jobs: Readonly<Record<string, JobDefinition>>;
}

export interface TriggerDefinition {
  readonly branches?: readonly string[];
  readonly 'branches-ignore'?: readonly string[];
  readonly tags?: readonly string[];
  readonly 'tags-ignore'?: readonly string[];
  readonly paths?: readonly string[];
  readonly 'paths-ignore'?: readonly string[];
  readonly types?: string | readonly string[];
  readonly inputs?: Readonly<Record<string, InputDefinition | null>>;
  readonly outputs?: Readonly<Record<string, { readonly value: Template }>>;
  readonly secrets?: Readonly<Record<string, { readonly required?: boolean } | null>>;
}

export interface InputDefinition {
  readonly type?: 'string' | 'boolean' | 'number' | 'choice' | 'environment';
  readonly required?: boolean;
  readonly default?: string | number | boolean;
  readonly options?: readonly string[];
}

export type PermissionsDefinition = 'read-all' | 'write-all' | LevelByScope | null;
export type ConcurrencyDefinition = string | { readonly group: Template; readonly 'cancel-in-progress'?: Template };
export interface Defaults {
  readonly run?: { readonly shell?: Template; readonly 'working-directory'?: Template };
}

export interface JobDefinition {
  readonly name?: Template;
  readonly needs?: string | readonly string[];
  readonly if?: Template;
  readonly 'runs-on'?: Template;
  readonly uses?: string;
  readonly with?: Template;
  readonly secrets?: Template;
  readonly strategy?: {
    readonly matrix?: Template;
    readonly 'fail-fast'?: Template;
    readonly 'max-parallel'?: Template;
  };
  readonly steps?: readonly StepDefinition[];
  readonly outputs?: Readonly<Record<string, Template>>;
  readonly env?: Template;
  readonly environment?: string | { readonly name: Template; readonly url?: Template; readonly deployment?: Template };
  readonly permissions?: PermissionsDefinition;
  readonly concurrency?: ConcurrencyDefinition;
  readonly defaults?: Defaults;
  readonly 'timeout-minutes'?: Template;
  readonly 'continue-on-error'?: Template;
  readonly container?: unknown;
  readonly services?: unknown;
}

export interface StepDefinition {
  readonly id?: string;
  readonly name?: Template;
  readonly if?: Template;
  readonly run?: Template;
  readonly uses?: string;
  readonly with?: Template;
  readonly env?: Template;
  readonly shell?: Template;
  readonly 'working-directory'?: Template;
  readonly 'timeout-minutes'?: Template;
  readonly 'continue-on-error'?: Template;
}

/** An `action.yml`. */
export interface ActionDocument {
  readonly name: string;
  readonly inputs?: Readonly<
    Record<string, { readonly default?: Template; readonly deprecationMessage?: string } | null>
  >;
  readonly outputs?: Readonly<Record<string, { readonly value?: Template } | null>>;
  readonly runs: CompositeRuns | JavaScriptRuns | { readonly using: 'docker' };
}

export interface CompositeRuns {
  readonly using: 'composite';
  readonly steps: readonly StepDefinition[];
}

export interface JavaScriptRuns {
  readonly using: 'node20' | 'node24';
  readonly main: string;
  readonly pre?: string;
  readonly 'pre-if'?: Template;
  readonly post?: string;
  readonly 'post-if'?: Template;
}
