import type { PlannedStack } from '../plan/guard.ts';
import type { Action, ResourceChange } from '../plan/types.ts';
import { code } from './markdown.ts';

/** What a plan does, in the order of what is lost. */
export const DONE: Readonly<Record<Action, string>> = {
  delete: 'destroyed',
  replace: 'replaced',
  update: 'changed',
  create: 'created',
};

/** GitHub refuses comments and issues above 65,536 characters; what an action adds around them is short. */
const LONGEST = 65_000;

/** How much is told of each stack. */
export interface Extent {
  readonly changes: number;
  readonly attributes: number;
}

/** From all that anybody reads to what always fits. */
const EXTENTS: readonly Extent[] = [
  { changes: 150, attributes: 12 },
  { changes: 150, attributes: 3 },
  { changes: 60, attributes: 1 },
  { changes: 20, attributes: 0 },
  { changes: 0, attributes: 0 },
];

/** The fullest text that GitHub takes. */
export function fitting(write: (extent: Extent) => string): string {
  let text = '';
  for (const extent of EXTENTS) {
    text = write(extent);
    if (text.length <= LONGEST) break;
  }
  return text;
}

/** Everything that a plan changes in one stack, folded. */
export function changeList({ stack, plan }: PlannedStack, { changes: most, attributes }: Extent): string {
  const lines = plan.changes.slice(0, most).flatMap((change) => {
    const name = `- ${DONE[change.action]} ${code(change.address)}${change.stateful ? ' (holds data)' : ''}`;
    return [name, ...attributeLines(change, attributes)];
  });
  const more = plan.changes.length - most;
  return [
    `<details><summary>${stack}: ${plan.changes.length} resources</summary>`,
    '',
    ...lines,
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
    '</details>',
  ].join('\n');
}

function attributeLines({ attributes }: ResourceChange, most: number): string[] {
  // What forces a replacement is what a reader looks for.
  const ordered = attributes.toSorted((one, other) => Number(other.forcesReplacement) - Number(one.forcesReplacement));
  return ordered
    .slice(0, most)
    .map(
      ({ path, before, after, forcesReplacement }) =>
        `  - ${code(path)}: ${code(before)} → ${code(after)}${forcesReplacement ? ' **forces replacement**' : ''}`,
    );
}
