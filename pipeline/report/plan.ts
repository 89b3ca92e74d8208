import type { CostDifference } from '../cost/difference.ts';
import { ALLOW_DESTROY, losses, type PlannedStack } from '../plan/guard.ts';
import { reviewMark } from '../plan/review.ts';
import type { Action, ResourceChange } from '../plan/types.ts';
import { waitsFor } from '../plan/waits.ts';
import type { StackResult } from '../provision/types.ts';
import { difference, dollars } from './cost.ts';
import { code, list, paragraphs, plain, shortCommit, table } from './markdown.ts';
import { changeList, DONE, type Extent, fitting } from './plan-changes.ts';

export interface PlanFacts {
  readonly commit: string;
  /** Link to the run. */
  readonly run: string;
  readonly stacks: readonly StackResult[];
  readonly labels: readonly string[];
  readonly costs: readonly CostDifference[];
  /** Controls that do not hold, in words. */
  readonly violations: readonly string[];
}

/** Stacks that no workflow may change: a person applies them, and a merge before that would wait for what is not there. */
const BY_A_PERSON = ['bootstrap', 'account'];

/** The one comment of a pull request about its infrastructure: what is lost first, then the rest. */
export const planComment = (facts: PlanFacts): string => fitting((extent) => comment(facts, extent));

function comment(facts: PlanFacts, extent: Extent): string {
  const { stacks, commit, run } = facts;
  const planned = plannedStacks(stacks);
  const hashes = new Map(stacks.flatMap(({ stack, hash }) => (hash === undefined ? [] : [[stack, hash] as const])));
  return paragraphs(
    reviewMark(hashes),
    `### Plan: ${headline(planned, stacks)}`,
    lossWarning(planned, facts.labels),
    planned.length === 0 ? undefined : overview(planned),
    ...planned.map((one) => changeList(one, extent)),
    forAPerson(planned),
    remarks(stacks),
    costParagraph(facts.costs),
    facts.violations.length === 0
      ? undefined
      : `**Controls that do not hold:**\n\n${list(facts.violations.slice(0, 50).map(plain))}`,
    `Commit ${shortCommit(commit)}; nothing in it is about image versions, and what is merged is planned again if it is not this. [Run](${run})`,
  );
}

/** Stacks whose plan is not empty. */
export const plannedStacks = (stacks: readonly StackResult[]): PlannedStack[] =>
  stacks.flatMap(({ stack, plan }) => (plan === undefined ? [] : [{ stack, plan }]));

function headline(planned: readonly PlannedStack[], stacks: readonly StackResult[]): string {
  const counted = counts(planned.flatMap(({ plan }) => plan.changes));
  if (counted !== '') return counted;
  return stacks.some(({ status }) => status === 'failed') ? 'failed' : 'no change of infrastructure';
}

const counts = (changes: readonly ResourceChange[]): string =>
  (Object.keys(DONE) as Action[])
    .flatMap((action) => {
      const number = changes.filter((change) => change.action === action).length;
      if (number === 0) return [];
      const words = `${number} ${DONE[action]}`;
      return [action === 'delete' || action === 'replace' ? `**${words}**` : words];
    })
    .join(', ');

function lossWarning(planned: readonly PlannedStack[], labels: readonly string[]): string | undefined {
  const lost = losses(planned);
  if (lost.length === 0) return undefined;
  const verdict = labels.includes(ALLOW_DESTROY)
    ? `The label ${code(ALLOW_DESTROY)} says that this is meant.`
    : `The check fails until the label ${code(ALLOW_DESTROY)} says that this is meant.`;
  const lines = lost.map(({ stack, change }) => `- ${DONE[change.action]}: ${code(change.address)} of ${code(stack)}`);
  return ['> [!CAUTION]', `> Data is lost. ${verdict}`, ...lines.map((line) => `> ${line}`)].join('\n');
}

function overview(planned: readonly PlannedStack[]): string {
  const number = (changes: readonly ResourceChange[], action: Action): string => {
    const found = changes.filter((change) => change.action === action).length;
    return found > 0 && (action === 'delete' || action === 'replace') ? `**${found}**` : String(found);
  };
  const actions = Object.keys(DONE) as Action[];
  return table(
    ['stack', ...actions.map((action) => DONE[action])],
    planned.map(({ stack, plan }) => [code(stack), ...actions.map((action) => number(plan.changes, action))]),
  );
}

function forAPerson(planned: readonly PlannedStack[]): string | undefined {
  const found = BY_A_PERSON.filter((name) => planned.some(({ stack }) => stack === name));
  if (found.length === 0) return undefined;
  return `${found.map(code).join(' and ')} ${found.length === 1 ? 'is' : 'are'} applied by a person, before the merge: ${code('npm run bootstrap')} on this branch. New image repositories are the exception.`;
}

/** Stacks that have no plan: unchanged ones in a row, failed ones with the reason. */
function remarks(stacks: readonly StackResult[]): string | undefined {
  const same = stacks.filter(({ status }) => status === 'unchanged' || status === 'no-changes');
  const failed = stacks.filter(({ status }) => status === 'failed');
  const lines = [
    ...failed.map((result) => {
      const first = waitsFor(result, stacks);
      return first === undefined
        ? `**${plain(result.stack)} cannot be planned:** ${plain(result.error ?? '')}`
        : `${code(result.stack)} reads what ${code(first)} is going to publish; it is planned once that is applied.`;
    }),
    ...(same.length === 0 ? [] : [`As it is: ${same.map(({ stack }) => code(stack)).join(', ')}`]),
  ];
  return lines.length === 0 ? undefined : list(lines);
}

function costParagraph(costs: readonly CostDifference[]): string | undefined {
  const changed = costs.filter(({ before, after }) => Math.abs(after - before) >= 0.005);
  const sum = (part: 'before' | 'after'): number => costs.reduce((total, cost) => total + cost[part], 0);
  if (costs.length === 0) return undefined;
  if (changed.length === 0) return `Cost: no difference (${dollars(sum('after'))} a month).`;
  const parts = changed.map(({ environment, before, after }) => `${environment} ${difference(after - before)}`);
  return `Cost: **${difference(sum('after') - sum('before'))} a month** (${parts.join(', ')}); ${dollars(sum('after'))} in all, at list prices.`;
}
