import { type ResumeResult, type RollbackResult, resume, rollback } from '../../pipeline/release/rollback.ts';
import { resumeReport, rollbackReport } from '../../pipeline/report/release.ts';
import { environment, flag, text } from '../kit/inputs.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { connectPorts, NO_HISTORY, readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const inputs = {
    environment: environment('environment'),
    target: text('target'),
    reason: text('reason') || 'rollback',
    resume: flag('resume'),
  };
  const surroundings = readSurroundings(process.env);
  const ports = connectPorts(surroundings, { history: NO_HISTORY, progress: log });
  if (inputs.resume) return resumed(await resume(inputs.environment, ports));
  return toResult(await rollback({ ...inputs, project: surroundings.project, actor: surroundings.actor }, ports));
});

function resumed(result: ResumeResult): ActionResult {
  return { summary: resumeReport(result), outputs: { outcome: result.outcome, release: '', url: '' } };
}

function toResult(result: RollbackResult): ActionResult {
  const summary = rollbackReport(result);
  switch (result.outcome) {
    case 'rolled back':
    case 'already there':
      return { summary, outputs: { outcome: result.outcome, release: result.release.id, url: result.url } };
    case 'refused':
      return { summary, error: result.problems.join('\n'), outputs: { outcome: 'refused', release: '', url: '' } };
    case 'failed': {
      const error = result.release.failure ?? 'the rollback failed';
      return { summary, error, outputs: { outcome: 'failed', release: result.release.id, url: result.url } };
    }
  }
}
