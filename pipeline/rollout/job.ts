import type { Ecs } from '../ports/ecs.ts';
import type { JobTemplate } from '../release/template.ts';
import { failed, type Mover, moved } from './mover.ts';
import { shortRevision, taskDefinitionInput } from './task-definition.ts';

/** `job`: the schedule runs the newest revision of a family, so registering one is what moves the job. */
export function createJobMover(template: JobTemplate, ecs: Ecs): Mover {
  const { family } = template.taskDefinition;
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
      if (target.revision === undefined) {
        return moved(await ecs.register(taskDefinitionInput(template.taskDefinition, template.repositoryUrl, target)));
      }
      const [newest, wanted] = await Promise.all([
        ecs.describeTaskDefinition(family),
        ecs.describeTaskDefinition(target.revision),
      ]);
      if (wanted === undefined) return failed({ message: `task definition ${shortRevision(target.revision)} is gone` });
      return moved(newest?.arn === wanted.arn ? wanted.arn : await ecs.register(wanted.input));
    },
    // Only releases register revisions of a job: without one there is nothing that the schedule could run.
    async withdraw() {
      const newest = await ecs.describeTaskDefinition(family);
      if (newest !== undefined) await ecs.deregister(newest.arn);
    },
  };
}
