import type { Judgement, Verdict } from './judge.ts';
import type { Finding } from './types.ts';

export interface ReportOptions {
  /** Only this topic. */
  readonly topic?: string;
  /** Every control, also those that hold or do not apply. */
  readonly all?: boolean;
}

const SHOWN_RESOURCES = 3;

/** The judgement as text: a line per topic with its counts, and below it what a reader has to know. */
export function renderJudgement(judgement: Judgement, { topic, all = false }: ReportOptions = {}): string {
  const topics = Map.groupBy(judgement.verdicts, ({ control }) => control.topic);
  const sections = [...topics]
    .filter(([name]) => topic === undefined || name === topic)
    .flatMap(([name, verdicts]) => [heading(name, verdicts), ...verdicts.flatMap((one) => lines(one, all))]);
  return [columns(), ...sections, '', summary(judgement), ...waiverProblems(judgement)].join('\n');
}

const columns = (): string =>
  `${'topic'.padEnd(24)}${['hold', 'broken', 'waived', 'not applicable'].map(cell).join('')}`;
const cell = (text: string | number): string => String(text).padStart(16);

function heading(topic: string, verdicts: readonly Verdict[]): string {
  return `${topic.padEnd(24)}${counts(verdicts).map(cell).join('')}`;
}

const counts = (verdicts: readonly Verdict[]): readonly number[] =>
  (['holds', 'broken', 'waived', 'not applicable'] as const).map(
    (outcome) => verdicts.filter((one) => one.outcome === outcome).length,
  );

function lines(verdict: Verdict, all: boolean): readonly string[] {
  const { control, outcome, broken, waived, reason } = verdict;
  const title = (word: string): string => `  ${word.padEnd(8)} ${control.id} (${control.severity}) ${control.why}`;
  const failures = broken.map((finding) => `           ${place(finding)}: ${finding.problem}`);
  if (outcome === 'broken') return [title('BROKEN'), ...shorten(failures)];
  if (outcome === 'waived') {
    const reasons = [...new Set(waived.map(({ waiver }) => `           until ${waiver.until}: ${waiver.reason}`))];
    return [title('waived'), ...shorten(waived.map(({ finding }) => `           ${place(finding)}`)), ...reasons];
  }
  if (!all) return [];
  return outcome === 'holds' ? [title('holds')] : [`${title('n/a')}: ${reason}`];
}

const place = ({ stack, resource }: Finding): string => `${stack} ${resource}`;

const shorten = (places: readonly string[]): readonly string[] =>
  places.length <= SHOWN_RESOURCES
    ? places
    : [...places.slice(0, SHOWN_RESOURCES), `           and ${places.length - SHOWN_RESOURCES} more`];

function summary({ verdicts }: Judgement): string {
  const [kept, broken, waived, notApplicable] = counts(verdicts);
  return `${verdicts.length} controls: ${kept} hold, ${broken} broken, ${waived} waived, ${notApplicable} not applicable`;
}

const waiverProblems = ({ unused, expired }: Judgement): readonly string[] => [
  ...unused.map(({ control, stack, resource }) => `unused waiver: ${control} ${stack} ${resource}. Remove it.`),
  ...expired.map(
    ({ control, stack, resource, until }) =>
      `waiver expired on ${until}: ${control} ${stack} ${resource}. Keep the control, or give a reason and a new day.`,
  ),
];
