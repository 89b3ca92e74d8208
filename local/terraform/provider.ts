import type { Cloud } from '../cloud.ts';
import { createContext } from './engine/context.ts';
import type { Context, DataSource, ResourceDefinition } from './engine/definition.ts';
import { applyResource, type Resource, readResource } from './engine/lifecycle.ts';
import { planResource } from './engine/plan.ts';
import { validateConfig } from './engine/validate.ts';
import { decodeValue, encodeValue } from './protocol/codec.ts';
import type { Connections } from './protocol/connections.ts';
import { attributePath, type Diagnostic, diagnosticOf, problem } from './protocol/diagnostics.ts';
import type * as rpc from './protocol/messages.ts';
import { conform, settleUnknown } from './schema/conform.ts';
import type { ProviderSchema } from './schema/types.ts';
import { texts, type Values } from './schema/value.ts';

export interface ProviderParts {
  readonly cloud: Cloud;
  readonly schema: ProviderSchema;
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  readonly dataSources: Readonly<Record<string, DataSource>>;
  readonly connections: Connections;
}

/** The provider's side of the plugin protocol, one function per RPC; `peer` says which provider instance is calling. */
export class Provider {
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  validateProvider(request: rpc.ConfigRequest): Diagnostic[] {
    const config = decodeValue(request.config) ?? {};
    const { accountId } = this.#parts.cloud;
    const allowed = texts(config, 'allowed_account_ids');
    const refused = texts(config, 'forbidden_account_ids').includes(accountId);
    if (!refused && (allowed.length === 0 || allowed.includes(accountId))) return [];
    return [
      problem(
        `AWS account ID not allowed: ${accountId}`,
        'The local cloud plays this account; see SLIPWAY_ACCOUNT_ID.',
      ),
    ];
  }

  configure(request: rpc.ConfigRequest, peer: string): Diagnostic[] {
    this.#parts.connections.configure(peer, decodeValue(request.config) ?? {});
    return [];
  }

  validateResource(request: rpc.TypedConfigRequest): Diagnostic[] {
    const { definition } = this.#resource(request.type_name);
    const problems = validateConfig(definition, decodeValue(request.config) ?? {});
    return problems.map(({ summary, detail, path }) => problem(summary, detail, path));
  }

  /** A state of an older schema keeps what the present schema still has. */
  upgrade(request: rpc.UpgradeRequest): rpc.UpgradeResponse {
    const { schema, type } = this.#resource(request.type_name);
    try {
      const stored = decodeValue({ json: request.raw_state.json }) ?? {};
      return { upgraded_state: encodeValue(schema.block, conform(schema.block, stored)), diagnostics: [] };
    } catch (error) {
      return { diagnostics: [diagnosticOf(error, `reading the stored state of ${type}`)] };
    }
  }

  async read(request: rpc.ReadRequest, peer: string): Promise<rpc.ReadResponse> {
    const resource = this.#resource(request.type_name);
    const current = decodeValue(request.current_state) ?? {};
    const { state, diagnostics } = await readResource(resource, current, this.#context(peer, current));
    const settled = state && settleUnknown(resource.schema.block, state);
    return { new_state: encodeValue(resource.schema.block, settled), diagnostics, private: request.private };
  }

  plan(request: rpc.PlanRequest, peer: string): rpc.PlanResponse {
    const { schema, definition, type } = this.#resource(request.type_name);
    const prior = decodeValue(request.prior_state);
    const config = decodeValue(request.config);
    const shared = { planned_private: request.prior_private, legacy_type_system: true };
    if (!config || !decodeValue(request.proposed_new_state)) {
      return { ...shared, planned_state: encodeValue(schema.block, undefined), requires_replace: [], diagnostics: [] };
    }
    try {
      const { planned, replace } = planResource({
        schema,
        rules: definition,
        prior,
        config,
        context: this.#context(peer, config),
      });
      const planned_state = encodeValue(schema.block, planned);
      return { ...shared, planned_state, requires_replace: replace.map(attributePath), diagnostics: [] };
    } catch (error) {
      const planned_state = encodeValue(schema.block, prior);
      return { ...shared, planned_state, requires_replace: [], diagnostics: [diagnosticOf(error, `planning ${type}`)] };
    }
  }

  async apply(request: rpc.ApplyRequest, peer: string): Promise<rpc.ApplyResponse> {
    const resource = this.#resource(request.type_name);
    const prior = decodeValue(request.prior_state);
    const planned = decodeValue(request.planned_state);
    const config = decodeValue(request.config) ?? {};
    const context = this.#context(peer, planned ?? prior);
    const { state, diagnostics } = await applyResource(resource, { prior, planned, config }, context);
    const new_state = encodeValue(resource.schema.block, state);
    return { new_state, diagnostics, private: request.planned_private, legacy_type_system: true };
  }

  import(request: rpc.ImportRequest, peer: string): rpc.ImportResponse {
    const { schema, definition, type } = this.#resource(request.type_name);
    try {
      const state = definition.backend.importState?.(request.id, this.#context(peer, undefined)) ?? { id: request.id };
      const imported = { type_name: type, state: encodeValue(schema.block, state) };
      return { imported_resources: [imported], diagnostics: [] };
    } catch (error) {
      return { imported_resources: [], diagnostics: [diagnosticOf(error, `importing ${type} (${request.id})`)] };
    }
  }

  async readData(request: rpc.TypedConfigRequest, peer: string): Promise<rpc.DataResponse> {
    const { type_name: type } = request;
    const schema = this.#parts.schema.dataSources[type];
    const read = this.#parts.dataSources[type];
    if (!schema || !read) throw new Error(`no data source ${type}`);
    const config = decodeValue(request.config) ?? {};
    const context = this.#context(peer, config);
    try {
      const found = await read(config, context);
      const state = settleUnknown(schema.block, { ...config, region: context.region, ...found });
      return { state: encodeValue(schema.block, state), diagnostics: [] };
    } catch (error) {
      return { diagnostics: [diagnosticOf(error, `reading data.${type}`)] };
    }
  }

  #resource(type: string): Resource {
    const schema = this.#parts.schema.resources[type];
    const definition = this.#parts.resources[type];
    if (!schema || !definition) throw new Error(`Slipway's local cloud does not support resource type ${type}`);
    return { type, schema, definition };
  }

  #context(peer: string, values: Values | undefined): Context {
    return createContext(this.#parts.cloud, this.#parts.connections.get(peer), values);
  }
}
