import { attributeChanges } from './attributes.ts';
import { isStateful } from './stateful.ts';
import { ACTIONS, type Action, type PlannedResource, type ResourceChange, type StackPlan } from './types.ts';

/** `terraform show -json` of a saved plan. https://developer.hashicorp.com/terraform/internals/json-format */
interface PlanJson {
  readonly resource_changes?: readonly ResourceChangeJson[];
  readonly prior_state?: { readonly values?: ValuesJson };
}

export interface ResourceChangeJson {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: unknown;
    readonly after: unknown;
    readonly after_unknown: unknown;
    readonly before_sensitive: unknown;
    readonly after_sensitive: unknown;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

interface ValuesJson {
  readonly root_module?: { readonly resources?: readonly ResourceJson[] };
}

interface ResourceJson extends Pick<ResourceChangeJson, 'address' | 'mode' | 'type'> {
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Reads a saved plan. Data sources and resources that stay as they are do not count as changes. */
export function readPlan(text: string): StackPlan {
  const plan = JSON.parse(text) as PlanJson;
  const changes = (plan.resource_changes ?? []).flatMap(readChange);
  return {
    changes: changes.toSorted(
      (one, other) =>
        ACTIONS.indexOf(one.action) - ACTIONS.indexOf(other.action) || one.address.localeCompare(other.address),
    ),
    before: resourcesOf(plan.prior_state?.values),
  };
}

function readChange({ address, mode, type, change }: ResourceChangeJson): ResourceChange[] {
  const action = actionOf(change.actions);
  if (mode !== 'managed' || action === undefined) return [];
  const differs = action === 'update' || action === 'replace';
  return [{ address, type, action, stateful: isStateful(type), attributes: differs ? attributeChanges(change) : [] }];
}

function actionOf(actions: readonly string[]): Action | undefined {
  if (actions.includes('create')) return actions.includes('delete') ? 'replace' : 'create';
  if (actions.includes('delete')) return 'delete';
  return actions.includes('update') ? 'update' : undefined;
}

const resourcesOf = (values: ValuesJson | undefined): PlannedResource[] =>
  (values?.root_module?.resources ?? []).flatMap(({ address, mode, type, values: own = {} }) =>
    mode === 'managed' ? [{ address, type, values: own }] : [],
  );
