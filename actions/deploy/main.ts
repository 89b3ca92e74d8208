import { type DeployResult, deploy } from '../../pipeline/release/deploy.ts';
import { dryRunDeployment } from '../../pipeline/release/dry-run.ts';
import { deployReport } from '../../pipeline/report/release.ts';
import { planReport } from '../../pipeline/report/release-plan.ts';
import { connectGitHub } from '../kit/github.ts';
import { images } from '../kit/images.ts';
import { commit, environment, flag, text } from '../kit/inputs.ts';
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
  const dryRun = flag('dry-run');
  const surroundings = readSurroundings(process.env);
  const { project, actor, trigger, automatic } = surroundings;
  const ports = connectPorts(surroundings, { history: connectGitHub(text('token'), surroundings), progress: log });
  const request = { ...inputs, project, actor, trigger, automatic };
  if (!dryRun) return toResult(await deploy(request, ports));
  const found = await dryRunDeployment(request, ports);
  return { summary: planReport(found), outputs: { outcome: 'dry run', release: '', url: found.url } };
});

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
      const error = result.release.failure ?? 'the deployment failed';
      return { summary, error, outputs: { outcome, release: result.release.id, url: result.url } };
    }
  }
}
