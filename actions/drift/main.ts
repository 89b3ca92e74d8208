import { keepIssues } from '../../pipeline/drift/keep.ts';
import { createDriftIssues } from '../../pipeline/ports/drift-issues.ts';
import type { ProvisionResult } from '../../pipeline/provision/types.ts';
import { driftGone, driftReport } from '../../pipeline/report/drift.ts';
import { provisionReport } from '../../pipeline/report/provision.ts';
import { InputError, required, words } from '../kit/inputs.ts';
import { runProvision } from '../kit/provision.ts';
import { run } from '../kit/run.ts';
import { readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const stacks = words('stacks');
  if (stacks.length === 0) throw new InputError('input "stacks" is missing');
  const surroundings = readSurroundings(process.env);
  const issues = createDriftIssues(required('token'), surroundings.project.repository);
  const result = await runProvision({ stacks, mode: 'plan' }, surroundings, log);
  const kept = await keepIssues(result.stacks, issues, {
    describe: (stack) => driftReport(stack, surroundings.run),
    closing: driftGone(surroundings.run),
  });
  const error = problemOf(result);
  return {
    summary: provisionReport('plan', result),
    outputs: {
      changes: JSON.stringify(result.stacks.map(({ changes: _, plan: __, ...stack }) => stack)),
      issues: JSON.stringify(kept),
    },
    ...(error !== undefined && { error }),
  };
});

function problemOf(result: ProvisionResult): string | undefined {
  const drifted = result.stacks.filter(({ status }) => status === 'changes').map(({ stack }) => stack);
  const words =
    drifted.length === 0
      ? []
      : [`What is deployed differs from main: ${drifted.join(', ')}. Each has an issue with the difference.`];
  const problems = result.ok ? words : [result.problem, ...words];
  return problems.length === 0 ? undefined : problems.join('\n');
}
