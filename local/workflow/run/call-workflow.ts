import { loadWorkflow, type Workflow } from '../definition/load.ts';
import type { JobDefinition } from '../definition/types.ts';
import { renderMap, renderValue } from '../expression/template.ts';
import { type LevelByScope, tokenPermissions } from '../plan/permissions.ts';
import { callInputs } from '../trigger/inputs.ts';
import { type GraphCall, type JobResult, runGraph } from './graph.ts';

interface Caller {
  readonly call: GraphCall;
  readonly id: string;
  readonly definition: JobDefinition;
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly permissions: LevelByScope;
}

/**
 * Runs the workflow that a job `uses`, from the same repository and commit. Its jobs appear as `<caller> / <job>`.
 * @throws Error when it cannot be called like this.
 */
export async function callWorkflow({ call, id, definition, contexts, permissions }: Caller): Promise<JobResult> {
  const workflow = await loadCalled(call, definition.uses ?? '');
  const trigger = workflow.triggers['workflow_call'] ?? {};
  refuseEscalation(workflow, permissions, id);
  const given = renderValue(definition.with, { contexts });
  const secrets =
    definition.secrets === 'inherit'
      ? call.secrets
      : renderMap(definition.secrets, { contexts: { ...contexts, secrets: call.secrets } });
  for (const [name, declared] of Object.entries(trigger.secrets ?? {})) {
    if (declared?.required && !secrets[name])
      throw new Error(`Secret ${name} is required, but not provided while calling.`);
  }
  const { conclusion, outputs } = await runGraph({
    ...call,
    workflow,
    secrets,
    inputs: callInputs(trigger.inputs ?? {}, isMap(given) ? given : {}),
    ceiling: permissions,
    prefix: `${call.prefix}${id} / `,
  });
  return { result: conclusion, outputs };
}

async function loadCalled({ run }: GraphCall, uses: string): Promise<Workflow> {
  if (!uses.startsWith('./')) {
    throw new Error(
      `${uses}: the local runner calls reusable workflows of the same repository only (./.github/workflows/...)`,
    );
  }
  const path = uses.slice(2);
  const content = await run.host.readFile(path);
  if (content === undefined) throw new Error(`${path} does not exist at this commit`);
  const workflow = await loadWorkflow(path, content);
  if (!workflow.triggers['workflow_call']) {
    throw new Error(`${path} is not reusable as it is missing a \`on.workflow_call\` trigger`);
  }
  return workflow;
}

/** GitHub refuses a called workflow that asks for more than its caller has. */
function refuseEscalation({ document }: Workflow, ceiling: LevelByScope, caller: string): void {
  for (const [id, job] of Object.entries(document.jobs)) {
    const declared = { job: job.permissions, workflow: document.permissions };
    if (declared.job === undefined && declared.workflow === undefined) continue;
    const wanted = tokenPermissions(declared);
    const granted = tokenPermissions({ ...declared, ceiling });
    const excess = Object.keys(wanted).find((scope) => wanted[scope] !== granted[scope]);
    if (excess === undefined) continue;
    throw new Error(
      `The nested job '${id}' is requesting '${excess}: ${wanted[excess]}', but '${caller}' is only allowed '${excess}: ${granted[excess] ?? 'none'}'.`,
    );
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
