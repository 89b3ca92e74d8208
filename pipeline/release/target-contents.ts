import type { Inspect } from '../ports/inspect.ts';
import type { Target } from '../rollout/mover.ts';
import { taskDefinitionInput } from '../rollout/task-definition.ts';
import { type Contents, contentsOfFunction, contentsOfTask } from './contents.ts';
import type { Template } from './template.ts';

/** What of a service, and in which revision. */
export interface TargetOf {
  readonly template: Template;
  readonly target: Target;
}

/**
 * What a target is started with: of a revision that exists, what was written into it then, else what the template says now. Undefined: there is no such revision
 * (or function).
 */
export function targetContents({ template, target }: TargetOf, inspect: Inspect): Promise<Contents | undefined> {
  return target.revision === undefined
    ? wantedContents({ template, target }, inspect)
    : revisionContents(template, target.revision, inspect);
}

export async function revisionContents(
  template: Template,
  revision: string,
  inspect: Inspect,
): Promise<Contents | undefined> {
  if (template.kind === 'function') {
    const contents = await inspect.functionContents(template.functionName, revision);
    return contents && contentsOfFunction(contents);
  }
  const definition = await inspect.taskDefinition(revision);
  return definition && contentsOfTask(definition);
}

/** What a new revision would consist of: of a function, whatever Terraform has configured by now. */
async function wantedContents({ template, target }: TargetOf, inspect: Inspect): Promise<Contents | undefined> {
  if (template.kind === 'function') {
    const contents = await inspect.functionContents(template.functionName);
    return contents && contentsOfFunction({ ...contents, image: `${template.repositoryUrl}@${target.digest}` });
  }
  return contentsOfTask(taskDefinitionInput(template.taskDefinition, template.repositoryUrl, target));
}
