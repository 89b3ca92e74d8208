import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { costDifferences, type StackResources } from '../../pipeline/cost/difference.ts';
import { synthesizedResources } from '../../pipeline/cost/resources.ts';
import { loadUsage } from '../../pipeline/cost/usage.ts';
import { readViolations } from '../../pipeline/plan/controls.ts';
import { refuseLoss } from '../../pipeline/plan/guard.ts';
import { PLAN_MARKER } from '../../pipeline/plan/review.ts';
import { waitsFor } from '../../pipeline/plan/waits.ts';
import type { StackResult } from '../../pipeline/provision/types.ts';
import { planComment, plannedStacks } from '../../pipeline/report/plan.ts';
import { connectGitHub } from '../kit/github.ts';
import { commit, InputError, optionalNumber, required, text } from '../kit/inputs.ts';
import { runProvision } from '../kit/provision.ts';
import { run } from '../kit/run.ts';
import { readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const number = optionalNumber('number');
  if (number === undefined) throw new InputError('input "number" is missing');
  const head = commit('commit');
  const surroundings = readSurroundings(process.env);
  const folder = resolve(surroundings.root, required('synthesized'));
  const output = join(folder, 'cdktf.out');
  // That of a full preview is for who asks for one, and planned when it is applied.
  const names = readdirSync(join(output, 'stacks'))
    .filter((name) => !name.startsWith('preview-'))
    .sort();
  const github = connectGitHub(text('token'), surroundings);
  const result = await runProvision(
    { stacks: names, mode: 'plan', output, synthesized: true, skipUnchanged: true },
    surroundings,
    log,
  );
  if (result.stacks.length === 0 && !result.ok) throw new Error(result.problem);
  const { stacks } = result;
  const labels = (await github.pullRequest(number))?.labels ?? [];
  const violations = violationsIn(folder);
  const comment = planComment({
    ...{ commit: head, run: surroundings.run, stacks, labels, violations },
    costs: costDifferences(
      stacks.map((stack) => resourcesOf(output, stack)),
      loadUsage(surroundings.root),
    ),
  });
  await github.upsertComment(number, PLAN_MARKER, comment);
  const error = problemOf(stacks, labels) ?? (violations.length > 0 ? brokenControls(violations) : undefined);
  return {
    summary: comment,
    outputs: { changes: JSON.stringify(stacks.map(({ changes: _, plan: __, ...stack }) => stack)) },
    ...(error !== undefined && { error }),
  };
});

function resourcesOf(output: string, { stack, plan }: StackResult): StackResources {
  const json = readFileSync(join(output, 'stacks', stack, 'cdk.tf.json'), 'utf8');
  return { stack, before: plan?.before, after: synthesizedResources(JSON.parse(json)) };
}

function violationsIn(folder: string): readonly string[] {
  const file = join(folder, 'controls.jsonl');
  return existsSync(file) ? readViolations(readFileSync(file, 'utf8')) : [];
}

function brokenControls(violations: readonly string[]): string {
  return `${violations.length} controls do not hold, the first is ${violations[0]}. See: npm run controls`;
}

/** A stack that only waits for what another one publishes is no failure. */
function problemOf(stacks: readonly StackResult[], labels: readonly string[]): string | undefined {
  const failed = stacks.filter((result) => result.status === 'failed' && waitsFor(result, stacks) === undefined);
  if (failed.length > 0) return failed.map(({ stack, error }) => `${stack}: ${error}`).join('\n');
  return refuseLoss(plannedStacks(stacks), labels);
}
