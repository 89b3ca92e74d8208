import { beyondTolerance, type PredictionDifference, type PredictionReport } from '../predictions/types.ts';
import { list, paragraphs, plain, table } from './markdown.ts';

/** Rows that a summary shows; the rest is counted. */
const ROWS = 30;

/** What the golden requests say about two releases, for the job summary and for a pull request. Empty when nothing was asked. */
export function predictionsReport(report: PredictionReport | undefined): string | undefined {
  if (report === undefined || report.requests === 0) return undefined;
  const { requests, differences, notes } = report;
  const beyond = beyondTolerance(report).length;
  const within = differences.length - beyond;
  const heading =
    beyond > 0
      ? `#### Predictions: ${beyond} changed more than their models allow`
      : `#### Predictions: ${within === 0 ? 'unchanged' : `${within} changed within tolerance`}`;
  return paragraphs(
    heading,
    `${requests} golden requests were asked of the old and of the new release.`,
    differences.length === 0 ? undefined : table(HEADINGS, differences.slice(0, ROWS).map(row)),
    differences.length > ROWS ? `${differences.length - ROWS} more are not shown.` : undefined,
    list(notes.map(plain)),
  ).trimEnd();
}

const HEADINGS = ['', 'model', 'golden request', 'output', 'old', 'new', 'difference', 'allowed'];

const row = ({
  model,
  golden,
  output,
  old,
  new: fresh,
  difference,
  allowed,
  beyond,
}: PredictionDifference): string[] => [
  beyond ? '**✗**' : '✓',
  ...[model, golden, output, old, fresh].map(plain),
  amount(difference),
  amount(allowed),
];

const amount = (value: number | undefined): string => (value === undefined ? '' : String(Number(value.toPrecision(4))));
