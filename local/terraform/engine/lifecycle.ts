import { type Diagnostic, diagnosticOf } from '../protocol/diagnostics.ts';
import { settleUnknown } from '../schema/conform.ts';
import type { TypeSchema } from '../schema/types.ts';
import { UNKNOWN, type Values } from '../schema/value.ts';
import type { Context, ResourceDefinition } from './definition.ts';
import { reconcile } from './reconcile.ts';

export interface Resource {
  readonly type: string;
  readonly schema: TypeSchema;
  readonly definition: ResourceDefinition;
}

/** A state, or undefined for "no such resource", with what went wrong on the way there. */
export interface Outcome {
  readonly state: Values | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Refreshes a state from what exists. */
export async function readResource(resource: Resource, state: Values, context: Context): Promise<Outcome> {
  try {
    return { state: await refresh(resource, state, context), diagnostics: [] };
  } catch (error) {
    return { state, diagnostics: [diagnosticOf(error, `reading ${nameOf(resource, state)}`)] };
  }
}

/** Carries out one planned change: creation without `prior`, deletion without `planned`, else an update in place. */
export async function applyResource(
  resource: Resource,
  change: { readonly prior: Values | undefined; readonly planned: Values | undefined; readonly config: Values },
  context: Context,
): Promise<Outcome> {
  const { prior, planned, config } = change;
  if (planned === undefined)
    return prior ? deleteResource(resource, prior, context) : { state: undefined, diagnostics: [] };
  return prior
    ? updateResource(resource, { prior, planned, config }, context)
    : createResource(resource, { planned, config }, context);
}

async function createResource(
  resource: Resource,
  { planned, config }: { readonly planned: Values; readonly config: Values },
  context: Context,
): Promise<Outcome> {
  const action = `creating ${nameOf(resource, planned)}`;
  const { backend } = resource.definition;
  let created: Values;
  try {
    created = { ...planned, ...(await backend.create(planned, context, config)) };
  } catch (error) {
    return { state: undefined, diagnostics: [diagnosticOf(error, action)] };
  }
  try {
    await backend.complete?.(created, context);
  } catch (error) {
    return { state: settleUnknown(resource.schema.block, created), diagnostics: [diagnosticOf(error, action)] };
  }
  return settle(resource, created, context);
}

async function updateResource(
  resource: Resource,
  { prior, planned, config }: { readonly prior: Values; readonly planned: Values; readonly config: Values },
  context: Context,
): Promise<Outcome> {
  try {
    const changed = await resource.definition.backend.update(prior, planned, context, config);
    return await settle(resource, { ...planned, ...changed }, context);
  } catch (error) {
    return { state: prior, diagnostics: [diagnosticOf(error, `updating ${nameOf(resource, planned)}`)] };
  }
}

async function deleteResource(resource: Resource, prior: Values, context: Context): Promise<Outcome> {
  try {
    await resource.definition.backend.delete(prior, context);
    return { state: undefined, diagnostics: [] };
  } catch (error) {
    return { state: prior, diagnostics: [diagnosticOf(error, `deleting ${nameOf(resource, prior)}`)] };
  }
}

/** Reads back what was just written, which fills everything that was known after apply only. */
async function settle(resource: Resource, written: Values, context: Context): Promise<Outcome> {
  const { block } = resource.schema;
  try {
    const state = await refresh(resource, written, context);
    if (state) return { state: settleUnknown(block, state), diagnostics: [] };
    throw new Error(`${nameOf(resource, written)} does not exist although it was just written`);
  } catch (error) {
    const diagnostics = [diagnosticOf(error, `reading ${nameOf(resource, written)}`)];
    return { state: settleUnknown(block, written), diagnostics };
  }
}

async function refresh(resource: Resource, state: Values, context: Context): Promise<Values | undefined> {
  const { block } = resource.schema;
  const read = await resource.definition.backend.read(state, context);
  if (!read) return undefined;
  const isWithoutRegion = block.attributes['region'] && (state['region'] ?? null) === null;
  const known: Values = isWithoutRegion ? { ...state, region: context.region } : state;
  return reconcile(block, resource.definition, known, read);
}

/** Like the real provider's messages: the type and what a person calls the resource. */
function nameOf(resource: Resource, values: Values): string {
  const name = ['name', 'bucket', 'function_name', 'family', 'id']
    .map((key) => values[key])
    .find((v) => v && v !== UNKNOWN);
  return name ? `${resource.type} (${String(name)})` : resource.type;
}
