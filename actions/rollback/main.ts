import { dryRunRollback } from '../../pipeline/release/dry-run.ts';
import { type Told, tellNotLive, tellResumed } from '../../pipeline/release/not-live.ts';
import { type ResumeResult, resume } from '../../pipeline/release/resume.ts';
import { rollback } from '../../pipeline/release/rollback.ts';
import type { RollbackResult } from '../../pipeline/release/rollback-result.ts';
import { pastRollbacks } from '../../pipeline/release/rollback-times.ts';
import { timesLine } from '../../pipeline/report/drill.ts';
import { failureAnnotation } from '../../pipeline/report/failure.ts';
import { resumeReport, rollbackReport } from '../../pipeline/report/release.ts';
import { planReport } from '../../pipeline/report/release-plan.ts';
import { connectGitHub, connectIssues } from '../kit/github.ts';
import { withHistory } from '../kit/history.ts';
import { choice, environment, flag, text, words } from '../kit/inputs.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { connectPorts, readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const inputs = {
    environment: environment('environment'),
    target: text('target'),
    reason: text('reason') || 'rollback',
    services: words('services'),
    takeOver: flag('take-over'),
    allowIncompatible: flag('allow-incompatible-migration'),
    predictions: text('predictions') === '' ? 'report' : choice('predictions', ['report', 'stop']),
  };
  const [resumes, dryRun] = [flag('resume'), flag('dry-run')];
  const surroundings = readSurroundings(process.env);
  const { project, actor, trigger } = surroundings;
  const ports = connectPorts(surroundings, { history: connectGitHub(text('token'), surroundings), progress: log });
  const request = { ...inputs, project, actor, trigger };
  if (dryRun) {
    const found = await dryRunRollback(request, ports);
    return { summary: planReport(found), outputs: { outcome: 'dry run', release: '', url: found.url } };
  }
  const issues = connectIssues(text('token'), surroundings);
  if (resumes) {
    const result = await resume(inputs.environment, ports, request);
    const told = withIssue(resumed(result), await tellResumed(inputs.environment, actor, issues));
    return withHistory(told, inputs.environment, ports);
  }
  const result = await rollback(request, ports);
  const told = withIssue(toResult(result), await tellNotLive(result, issues));
  const times = timesLine(inputs.environment, await pastRollbacks(inputs.environment, ports.ledger));
  return withHistory({ ...told, summary: `${told.summary}\n${times}\n` }, inputs.environment, ports);
});

function withIssue(result: ActionResult, { issue, warning }: Told): ActionResult {
  const summary = issue ? `${result.summary}\nIssue: ${issue.url}\n` : result.summary;
  return { ...result, summary, ...(warning && { warning }) };
}

function resumed(result: ResumeResult): ActionResult {
  return { summary: resumeReport(result), outputs: { outcome: result.outcome, release: '', url: '' } };
}

function toResult(result: RollbackResult): ActionResult {
  const summary = rollbackReport(result);
  const { outcome } = result;
  switch (outcome) {
    case 'rolled back':
    case 'already there':
      return { summary, outputs: { outcome, release: result.release.id, url: result.url } };
    case 'refused':
      return { summary, error: result.problems.join('\n'), outputs: { outcome, release: '', url: '' } };
    case 'stopped':
      return { summary, error: result.message, outputs: { outcome, release: result.release.id, url: result.url } };
    case 'failed': {
      const error = failureAnnotation(result.failure);
      return { summary, error, outputs: { outcome, release: result.release.id, url: result.url } };
    }
  }
}
