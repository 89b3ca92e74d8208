import { listOf } from '../../workflow/definition/load.ts';
import { whyNotTriggered } from '../../workflow/trigger/filter.ts';
import { dispatchInputs } from '../../workflow/trigger/inputs.ts';
import type { RepositoryEvent } from '../events/event.ts';
import { GitHubError } from '../types.ts';
import type { Runner } from './runner.ts';
import type { WorkflowFile, Workflows } from './workflows.ts';

/** Commit messages that keep `push` and `pull_request` from starting anything. Source: GitHub, "Skipping workflow runs". */
const SKIP = /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/;

/** Starts every workflow of the event's commit that listens to it; returns the ids of the runs. */
export async function trigger(
  workflows: Workflows,
  runner: Runner,
  event: RepositoryEvent,
): Promise<readonly number[]> {
  if (event.name === 'push' && SKIP.test(event.title)) return [];
  const files = await workflows.at(event.commit);
  const changedFiles = files.some((file) => filtersPaths(file, event.name)) ? await event.changedPaths() : [];
  const wanted = files.filter((file) => {
    // GitHub shows an invalid file as a failed run of every push.
    if (!file.ok) return event.name === 'push';
    const { name, action, filterRef: ref } = event;
    return whyNotTriggered(file.workflow.triggers, { name, action, ref, changedFiles }) === undefined;
  });
  return wanted.map((file) =>
    runner.start({ event, path: file.path, ...(file.ok ? { workflow: file.workflow } : { fault: file.message }) }),
  );
}

/**
 * Starts one workflow by file name for `workflow_dispatch` or `schedule`.
 * @throws GitHubError: 404 for an unknown workflow, 422 for one that does not listen, or for wrong inputs.
 */
export async function triggerOne(
  { workflows, runner }: { readonly workflows: Workflows; readonly runner: Runner },
  event: RepositoryEvent,
  request: { readonly workflow: string; readonly inputs?: Readonly<Record<string, unknown>> },
): Promise<number> {
  const files = await workflows.at(event.commit);
  const file = files.find(({ path }) => path === request.workflow || path.endsWith(`/workflows/${request.workflow}`));
  if (!file) throw new GitHubError(404, `There is no workflow ${request.workflow} at ${event.ref}`);
  if (!file.ok) throw new GitHubError(422, `Invalid workflow file: ${file.message}`);
  const trigger = file.workflow.triggers[event.name];
  if (!trigger) throw new GitHubError(422, `Workflow does not have '${event.name}' trigger`);
  if (event.name !== 'workflow_dispatch') return runner.start({ event, path: file.path, workflow: file.workflow });
  const inputs = dispatchInputs(trigger.inputs ?? {}, request.inputs ?? {});
  if (!inputs.ok) throw new GitHubError(422, inputs.message);
  const payload = { ...event.payload, workflow: file.path, inputs: inputs.text };
  return runner.start({ event: { ...event, payload }, path: file.path, workflow: file.workflow, inputs: inputs.typed });
}

function filtersPaths(file: WorkflowFile, event: string): boolean {
  const trigger = file.ok ? file.workflow.triggers[event] : undefined;
  return listOf(trigger?.paths).length > 0 || listOf(trigger?.['paths-ignore']).length > 0;
}
