import type { Ecs, TaskDefinitionInput } from '../ports/ecs.ts';
import type { JobTemplate } from '../release/template.ts';
import { failed, type Mover, moved, type Target } from './mover.ts';
import { shortRevision, taskDefinitionInput } from './task-definition.ts';

/**
 * `job`: the schedule runs the newest revision of a family, so registering one is what moves the job.
 * Tasks that run keep the revision that they were started with, and end with it.
 */
export function createJobMover(template: JobTemplate, ecs: Ecs): Mover {
  const { family } = template.taskDefinition;
  async function inputFor(target: Target): Promise<TaskDefinitionInput | undefined> {
    if (target.revision !== undefined) return (await ecs.describeTaskDefinition(target.revision))?.input;
    return taskDefinitionInput(template.taskDefinition, template.repositoryUrl, target);
  }

  return {
    serving: async () => (await ecs.describeTaskDefinition(family))?.arn,
    async prove(target) {
      if (target.revision === undefined) return undefined;
      const revision = await ecs.describeTaskDefinition(target.revision);
      return revision === undefined
        ? `task definition ${shortRevision(target.revision)} does not exist any more`
        : undefined;
    },
    prepare: async (target) => target,
    async move(target) {
      const wanted = await inputFor(target);
      if (wanted === undefined)
        return failed({ message: `task definition ${shortRevision(target.revision ?? '')} is gone` });
      const newest = await ecs.describeTaskDefinition(family);
      // A run that died after it registered has done the work already: the same content needs no second revision.
      const revision = newest !== undefined && repeats(newest.input, wanted) ? newest.arn : await ecs.register(wanted);
      const now = await ecs.describeTaskDefinition(family);
      if (now?.arn === revision) return moved(revision);
      return failed({
        message: `the schedule would run ${shortRevision(now?.arn ?? 'nothing')}: someone else registered it`,
      });
    },
    explain: async () => ({}),
    // Only releases register revisions of a job: without one there is nothing that the schedule could run.
    async withdraw() {
      const newest = await ecs.describeTaskDefinition(family);
      if (newest !== undefined) await ecs.deregister(newest.arn);
    },
  };
}

/** Whether registering `wanted` would only repeat what is `registered`, which AWS describes with members of its own. */
function repeats(registered: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(registered) &&
      registered.length === wanted.length &&
      wanted.every((one, index) => repeats(registered[index], one))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return registered === wanted;
  if (typeof registered !== 'object' || registered === null) return false;
  return Object.entries(wanted).every(([name, value]) => repeats((registered as Record<string, unknown>)[name], value));
}
