import type { ProvisionMode, ProvisionResult } from '../provision/types.ts';
import { code, list, paragraphs, plain, seconds, table } from './markdown.ts';

/** `staging-data: delete aws_dynamodb_table.jobs`: something is lost. */
const isLoss = (change: string): boolean => /: (?:delete|replace)\b/.test(change);

/** Which of the applied stacks a pull request's plan had shown as they are. */
function reviewed({ stacks }: ProvisionResult): string | undefined {
  const words = {
    yes: 'as planned in the pull request',
    no: 'planned here for the first time',
    differs: 'differs from the plan in the pull request, because main had moved on: planned again',
  };
  const lines = stacks.flatMap((stack) =>
    stack.reviewed === undefined ? [] : [`${code(stack.stack)}: ${words[stack.reviewed]}`],
  );
  return lines.length === 0 ? undefined : list(lines);
}

/** What happened to each stack; what would be destroyed or replaced comes first. */
export function provisionReport(mode: ProvisionMode, result: ProvisionResult): string {
  const rows = result.stacks.map(({ stack, status, add, change, destroy, seconds: took }) => [
    code(stack),
    status,
    String(add),
    String(change),
    destroy === 0 ? '0' : `**${destroy}**`,
    seconds(took),
  ]);
  const changes = result.stacks.flatMap(({ stack, changes }) => changes.map((change) => `${stack}: ${change}`));
  const ordered = changes.toSorted((a, b) => Number(isLoss(b)) - Number(isLoss(a)));
  return paragraphs(
    `### ${mode === 'plan' ? 'Plan' : 'Stacks'}: ${result.ok ? 'done' : 'failed'}`,
    rows.length === 0 ? undefined : table(['stack', '', 'add', 'change', 'destroy', 'time'], rows),
    reviewed(result),
    ordered.length === 0 ? undefined : list(ordered.slice(0, 100).map(code)),
    result.ok ? undefined : result.problem.split('\n').map(plain).join('  \n'),
  );
}
