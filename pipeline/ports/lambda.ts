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
  /** Changes with every change of the alias; UpdateAlias compares it. */
  readonly revisionId: string;
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
    revisionId: string;
  }): Promise<AliasUpdate>;
}
