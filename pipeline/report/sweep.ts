import type { SweepResult, Swept } from '../preview/sweep.ts';
import { list, paragraphs, plain, table } from './markdown.ts';

const leftOf = (swept: Swept): readonly string[] => ('left' in swept ? swept.left : []);

export function sweepReport({ previews, settled }: SweepResult): string {
  const rows = previews.map((swept) => [
    `#${swept.number}`,
    swept.outcome,
    plain(swept.reason),
    leftOf(swept).map(plain).join(', ') || 'nothing',
  ]);
  return paragraphs(
    `### Sweep: ${previews.filter(({ outcome }) => outcome === 'destroyed').length} of ${previews.length} previews destroyed`,
    rows.length === 0 ? 'There is no preview.' : table(['pull request', '', 'why', 'left'], rows),
    list(settled.map(({ release, outcome }) => `Interrupted release ${release} is ${outcome}`)),
  );
}
