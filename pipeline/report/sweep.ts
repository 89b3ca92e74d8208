import type { SweepResult, Swept } from '../preview/sweep.ts';
import type { Settled } from '../release/settle.ts';
import { list, paragraphs, plain, table } from './markdown.ts';

const leftOf = (swept: Swept): readonly string[] => ('left' in swept ? swept.left : []);

export function sweepReport({ previews }: SweepResult): string {
  const count = (outcome: Swept['outcome']): number => previews.filter((swept) => swept.outcome === outcome).length;
  const rows = previews.map((swept) => [
    `#${swept.number}`,
    swept.outcome,
    plain(swept.reason),
    leftOf(swept).map(plain).join(', ') || 'nothing',
  ]);
  return paragraphs(
    `### Sweep: ${count('destroyed')} of ${previews.length} previews destroyed, ${count('asleep')} put to sleep`,
    rows.length === 0 ? 'There is no preview.' : table(['pull request', '', 'why', 'left of what was destroyed'], rows),
  );
}

export function settledReport(settled: readonly Settled[]): string {
  if (settled.length === 0) return '### No interrupted deployment\n';
  return paragraphs(
    '### Interrupted deployments',
    list(settled.map(({ release, outcome }) => `release ${release} is ${outcome}`)),
  );
}
