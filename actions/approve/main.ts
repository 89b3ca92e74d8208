import { baseUrl } from '../../pipeline/manifest/names.ts';
import { approveByComment, askForApproval, gate } from '../../pipeline/release/approval.ts';
import { askedReport } from '../../pipeline/report/approval.ts';
import { plain } from '../../pipeline/report/markdown.ts';
import { approvalMode, startedByComment } from '../kit/approval.ts';
import { connectIssues } from '../kit/github.ts';
import { choice, commit, environment, text, words } from '../kit/inputs.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { connectPorts, NO_HISTORY, readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log): Promise<ActionResult> => {
  const command = choice('command', ['ask', 'check', 'comment']);
  const where = environment('environment');
  const mode = approvalMode('mode');
  const surroundings = readSurroundings(process.env);
  const issues = connectIssues(text('token'), surroundings);
  const ports = { ...connectPorts(surroundings, { history: NO_HISTORY, progress: log }), issues };
  if (command === 'comment') {
    const comment = startedByComment(process.env['GITHUB_EVENT_PATH']);
    const result = await approveByComment({ environment: where, comment, approvers: words('approvers') }, ports);
    const { outcome } = result;
    if (outcome === 'refused') {
      return {
        summary: `Not approved: ${plain(result.problem)}\n`,
        error: result.problem,
        outputs: { outcome, commit: '' },
      };
    }
    const approved = outcome === 'approved' ? result.commit : '';
    return { summary: `${outcome} ${approved}\n`, outputs: { outcome, commit: approved } };
  }
  const wanted = commit('commit');
  // Reviewers of GitHub's environment are asked by GitHub, before the job that deploys.
  if (mode !== 'comment') {
    return { summary: '', outputs: { outcome: 'approved', commit: wanted } };
  }
  if (command === 'check') {
    const allowed = await gate({ environment: where, commit: wanted, mode, run: 0 }, ports);
    if (allowed.open) return { summary: '', outputs: { outcome: 'approved', commit: wanted } };
    return {
      summary: `${plain(allowed.problem)}\n`,
      error: allowed.problem,
      outputs: { outcome: 'refused', commit: wanted },
    };
  }
  const { project, actor, trigger } = surroundings;
  const url = baseUrl(project, 'staging');
  const asked = await askForApproval({ environment: where, commit: wanted, url, actor, trigger }, ports);
  return { summary: askedReport(where, asked), outputs: { outcome: asked.outcome, commit: wanted } };
});
