import type { StackResult } from '../provision/types.ts';
import { paragraphs } from './markdown.ts';
import { changeList, fitting } from './plan-changes.ts';

/** Body of the issue about one drifting stack: what would be changed to make it as main says. */
export function driftReport({ stack, plan, ahead }: StackResult, run: string): string {
  return fitting((extent) =>
    paragraphs(
      `What exists of \`${stack}\` is not what \`main\` says. A plan would change:`,
      plan === undefined ? undefined : changeList({ stack, plan }, extent),
      ahead
        ? 'Main is also ahead of what was last applied here: some of this may only wait for its deployment.'
        : 'Nothing of it waits for a deployment: somebody, or something, changed it outside of the workflows.',
      'To make it as main says, run the Deploy workflow; to keep it, write it into the stacks. The next look closes this issue once the plan is empty.',
      `[Run](${run})`,
    ),
  );
}

export const driftGone = (run: string): string => `The plan is empty again. [Run](${run})\n`;
