export interface FunctionState {
  readonly version: string;
  /** Pending, Active, Inactive or Failed. */
  readonly state: string;
  readonly stateReason: string;
  /** InProgress, Successful or Failed. */
  readonly lastUpdate: string;
  readonly lastUpdateReason: string;
}

export interface FunctionAlias {
  readonly version: string;
  /** A second version and its share of the requests, 0 to 1. */
  readonly canary?: { readonly version: string; readonly share: number };
  /** Changes with every change of the alias; UpdateAlias compares it. */
  readonly revisionId: string;
}

/** Execution environments that are kept ready: https://docs.aws.amazon.com/lambda/latest/api/API_GetProvisionedConcurrencyConfig.html */
export interface ProvisionedConcurrency {
  readonly requested: number;
  readonly available: number;
  /** IN_PROGRESS, READY or FAILED. */
  readonly status: string;
  readonly reason: string;
}

export type AliasUpdate = 'moved' | 'changed by someone else';

/** The calls to Lambda that a rollout makes. */
export interface Lambda {
  /** Sets the function's image and publishes a version; an unchanged function answers with its newest version. */
  publish(request: { functionName: string; imageUri: string }): Promise<string>;
  describe(functionName: string, version?: string): Promise<FunctionState | undefined>;
  alias(functionName: string, alias: string): Promise<FunctionAlias | undefined>;
  moveAlias(request: {
    functionName: string;
    alias: string;
    version: string;
    /** A second version that gets a share (0 to 1) of the requests. */
    canary?: { version: string; share: number };
    revisionId: string;
  }): Promise<AliasUpdate>;
  /** All published versions, oldest first. */
  versions(functionName: string): Promise<readonly string[]>;
  deleteVersion(functionName: string, version: string): Promise<void>;
  /** 0 takes the configuration away. */
  provision(request: { functionName: string; alias: string; environments: number }): Promise<void>;
  /** Undefined when none is configured. */
  provisioned(functionName: string, alias: string): Promise<ProvisionedConcurrency | undefined>;
}
