import { ProviderError } from '../protocol/diagnostics.ts';
import { isList, isValues, requireText, text, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import type { Backend, Context, ResourceDefinition, Rules } from './definition.ts';

/** Makes the value of a computed attribute from the attributes known so far. */
export type Maker = (values: Values, context: Context) => Value;

export interface RecordRules extends Rules {
  /** Computed attributes in the order of making; `id` among them. What is configured is not made. */
  readonly computed: Readonly<Record<string, Maker>>;
  /** Computed attributes that are made anew with every update. */
  readonly refreshed?: readonly string[];
  /** Creation takes over what is there already: account-wide switches, default resources. */
  readonly adopts?: boolean | ((values: Values) => boolean);
}

/**
 * A type that no served AWS API describes: it lives in the local cloud's store as `terraform/<type>` -> `{id, attributes}`,
 * where other parts of the local cloud may read it.
 */
export function record(type: string, rules: RecordRules): ResourceDefinition {
  const recomputed = Object.fromEntries((rules.refreshed ?? []).map((name) => [name, ['*']]));
  return { ...rules, recomputed: { ...recomputed, ...rules.recomputed }, backend: recordBackend(type, rules) };
}

function recordBackend(type: string, rules: RecordRules): Backend {
  const save = (attributes: Values, context: Context): Values => {
    const id = requireText(attributes, 'id');
    const stored = withoutUnknown(attributes) as Values;
    context.records(type).set(keyOf(rules, attributes, context), { id, attributes: stored });
    return attributes;
  };
  return {
    async create(planned, context) {
      const attributes = make(rules.computed, planned, context);
      const adopts = typeof rules.adopts === 'function' ? rules.adopts(attributes) : rules.adopts;
      if (!adopts && context.records(type).get(keyOf(rules, attributes, context))) {
        const id = requireText(attributes, 'id');
        throw new ProviderError(
          `creating ${type}: ${id} already exists`,
          `Bring it under Terraform's control with "terraform import <address> ${id}", or choose another name.`,
        );
      }
      return save(attributes, context);
    },
    async read(state, context) {
      return context.records(type).get(keyOf(rules, state, context))?.attributes;
    },
    async update(prior, planned, context) {
      const attributes = make(rules.computed, planned, context);
      const [before, after] = [keyOf(rules, prior, context), keyOf(rules, attributes, context)];
      if (before !== after) context.records(type).delete(before);
      return save(attributes, context);
    },
    async delete(state, context) {
      context.records(type).delete(keyOf(rules, state, context));
    },
  };
}

/** The id; outside of the local cloud's own region, the region before it, since the same name may exist in both. */
function keyOf(rules: RecordRules, values: Values, context: Context): string {
  // Some types have no attribute `id`; theirs is made of attributes that never change.
  const id = text(values, 'id') ?? requireText(make(rules.computed, values, context), 'id');
  const region = text(values, 'region') ?? context.cloud.region;
  return region === context.cloud.region ? id : `${region}/${id}`;
}

function make(makers: RecordRules['computed'], values: Values, context: Context): Values {
  const made: Record<string, Value> = { ...values };
  for (const [name, maker] of Object.entries(makers)) {
    if ((made[name] ?? UNKNOWN) === UNKNOWN) made[name] = maker(made, context);
  }
  return made;
}

function withoutUnknown(value: Value): Value {
  if (value === UNKNOWN) return null;
  if (isList(value)) return value.map(withoutUnknown);
  if (!isValues(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutUnknown(item)]));
}
