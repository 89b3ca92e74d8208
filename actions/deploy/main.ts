import { valueOrThrow } from '../../pipeline/manifest/result.ts';
import type { Issues } from '../../pipeline/ports/issues.ts';
import { loadGoldenModels } from '../../pipeline/predictions/load.ts';
import { PREDICTION_POLICIES } from '../../pipeline/predictions/types.ts';
import { type ApprovalMode, closeApprovalIssue, gate } from '../../pipeline/release/approval.ts';
import { type DeployRequest, type DeployResult, deploy } from '../../pipeline/release/deploy.ts';
import { dryRunDeployment } from '../../pipeline/release/dry-run.ts';
import type { ReleasePorts } from '../../pipeline/release/ports.ts';
import { failureAnnotation } from '../../pipeline/report/failure.ts';
import { plain } from '../../pipeline/report/markdown.ts';
import { deployReport } from '../../pipeline/report/release.ts';
import { planReport } from '../../pipeline/report/release-plan.ts';
import { approvalMode } from '../kit/approval.ts';
import { connectGitHub, connectIssues } from '../kit/github.ts';
import { withHistory } from '../kit/history.ts';
import { images, imagesFor } from '../kit/images.ts';
import { choice, commit, environment, flag, text } from '../kit/inputs.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { connectPorts, readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const inputs = {
    environment: environment('environment'),
    images: images('images'),
    commit: commit('commit'),
    reason: text('reason') || 'deploy',
    force: flag('force'),
    takeOver: flag('take-over'),
    allowIncompatible: flag('allow-incompatible-migration'),
  };
  const policy = {
    policy: text('predictions') === '' ? 'stop' : choice('predictions', PREDICTION_POLICIES),
    accepted: text('accept-predictions'),
  };
  const dryRun = flag('dry-run');
  const mode = approvalMode('approval');
  const surroundings = readSurroundings(process.env);
  const { project, actor, trigger, automatic } = surroundings;
  const ports = connectPorts(surroundings, { history: connectGitHub(text('token'), surroundings), progress: log });
  const issues = connectIssues(text('token'), surroundings);
  // A service that is bound to other environments was built all the same.
  const here = imagesFor(inputs.environment, inputs.images, surroundings.root);
  const models = valueOrThrow(loadGoldenModels(surroundings.root, Object.keys(here)));
  const predictions = { ...policy, models };
  const request = { ...inputs, images: here, project, actor, trigger, automatic, predictions };
  if (dryRun) {
    const found = await dryRunDeployment(request, ports);
    return { summary: planReport(found), outputs: { outcome: 'dry run', release: '', url: found.url } };
  }
  const result = await deployIfApproved(request, mode, { ...ports, issues });
  return withHistory(result, inputs.environment, ports);
});

async function deployIfApproved(
  request: DeployRequest,
  mode: ApprovalMode,
  ports: ReleasePorts & { readonly issues: Issues },
): Promise<ActionResult> {
  const { environment, commit } = request;
  const allowed = await gate({ environment, commit, mode, run: Number(process.env['GITHUB_RUN_ID']) }, ports);
  if (!allowed.open) return notApproved(environment, allowed.problem);
  const { approval } = allowed;
  const result = await deploy({ ...request, ...(approval && { approval }) }, ports);
  if (approval && result.outcome === 'deployed') {
    // What is live is live, whether or not its issue can be closed.
    const told = closeApprovalIssue(environment, commit, ports.issues);
    await told.catch((error: unknown) => ports.progress.line(String(error)));
  }
  return toResult(result);
}

function notApproved(environment: string, problem: string): ActionResult {
  const summary = `### ${environment}: not approved\n\n${plain(problem)}\n`;
  return { summary, error: problem, outputs: { outcome: 'refused', release: '', url: '' } };
}

function toResult(result: DeployResult): ActionResult {
  const summary = deployReport(result);
  const { outcome } = result;
  switch (outcome) {
    case 'deployed':
    case 'unchanged':
      return { summary, outputs: { outcome, release: result.release.id, url: result.url } };
    case 'frozen': {
      const warning = `${result.environment} is frozen (${result.freeze.reason}); nothing was deployed. Run the rollback workflow with "resume" to end that.`;
      return { summary, warning, outputs: { outcome, release: '', url: '' } };
    }
    case 'superseded':
      return { summary, warning: result.message, outputs: { outcome, release: '', url: '' } };
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
