import type { DynamicValue } from './codec.ts';
import type { AttributePath, Diagnostic } from './diagnostics.ts';

/** Requests and responses of the plugin protocol, as tfplugin6.proto declares them. */

export interface ConfigRequest {
  readonly config: DynamicValue;
}
export interface TypedConfigRequest extends ConfigRequest {
  readonly type_name: string;
}
export interface UpgradeRequest {
  readonly type_name: string;
  readonly raw_state: { readonly json: Uint8Array };
}
export interface UpgradeResponse {
  readonly upgraded_state?: DynamicValue;
  readonly diagnostics: readonly Diagnostic[];
}
export interface ReadRequest {
  readonly type_name: string;
  readonly current_state: DynamicValue;
  readonly private: Uint8Array;
}
export interface ReadResponse {
  readonly new_state: DynamicValue;
  readonly diagnostics: readonly Diagnostic[];
  readonly private: Uint8Array;
}
export interface PlanRequest {
  readonly type_name: string;
  readonly prior_state: DynamicValue;
  readonly proposed_new_state: DynamicValue;
  readonly config: DynamicValue;
  readonly prior_private: Uint8Array;
}
export interface PlanResponse {
  readonly planned_state: DynamicValue;
  readonly requires_replace: readonly AttributePath[];
  readonly planned_private: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
  readonly legacy_type_system: boolean;
}
export interface ApplyRequest {
  readonly type_name: string;
  readonly prior_state: DynamicValue;
  readonly planned_state: DynamicValue;
  readonly config: DynamicValue;
  readonly planned_private: Uint8Array;
}
export interface ApplyResponse {
  readonly new_state: DynamicValue;
  readonly diagnostics: readonly Diagnostic[];
  readonly private: Uint8Array;
  readonly legacy_type_system: boolean;
}
export interface ImportRequest {
  readonly type_name: string;
  readonly id: string;
}
export interface ImportResponse {
  readonly imported_resources: readonly { readonly type_name: string; readonly state: DynamicValue }[];
  readonly diagnostics: readonly Diagnostic[];
}
export interface DataResponse {
  readonly state?: DynamicValue;
  readonly diagnostics: readonly Diagnostic[];
}
