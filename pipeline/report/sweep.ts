import type { SweepResult, Swept } from '../preview/sweep.ts';
import type { Settled } from '../release/settle.ts';
import { list, paragraphs, plain, table } from './markdown.ts';

const leftOf = (swept: Swept): readonly string[] => ('left' in swept ? swept.left : []);

export function sweepReport({ previews }: SweepResult): string {
  const rows = previews.map((swept) => [
    `#${swept.number}`,
    swept.outcome,
    plain(swept.reason),
    leftOf(swept).map(plain).join(', ') || 'nothing',
  ]);
  return paragraphs(
    `### Sweep: ${previews.filter(({ outcome }) => outcome === 'destroyed').length} of ${previews.length} previews destroyed`,
    rows.length === 0 ? 'There is no preview.' : table(['pull request', '', 'why', 'left'], rows),
  );
}

export function settledReport(settled: readonly Settled[]): string {
  if (settled.length === 0) return '### No interrupted deployment\n';
  return paragraphs(
    '### Interrupted deployments',
    list(settled.map(({ release, outcome }) => `release ${release} is ${outcome}`)),
  );
}
