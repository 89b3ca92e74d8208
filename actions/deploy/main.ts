import { type DeployResult, deploy } from '../../pipeline/release/deploy.ts';
import { deployReport } from '../../pipeline/report/release.ts';
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
  };
  const surroundings = readSurroundings(process.env);
  const ports = connectPorts(surroundings, { history: connectGitHub(text('token'), surroundings), progress: log });
  return toResult(await deploy({ ...inputs, project: surroundings.project, actor: surroundings.actor }, ports));
});

function toResult(result: DeployResult): ActionResult {
  const summary = deployReport(result);
  switch (result.outcome) {
    case 'deployed':
      return { summary, outputs: { outcome: 'deployed', release: result.release.id, url: result.url } };
    case 'unchanged':
      return { summary, outputs: { outcome: 'unchanged', release: result.release.id, url: result.url } };
    case 'frozen': {
      const warning = `${result.environment} is frozen (${result.freeze.reason}); nothing was deployed. Run the rollback workflow with "resume" to end that.`;
      return { summary, warning, outputs: { outcome: 'frozen', release: '', url: '' } };
    }
    case 'refused':
      return { summary, error: result.problems.join('\n'), outputs: { outcome: 'refused', release: '', url: '' } };
    case 'failed': {
      const error = result.release.failure ?? 'the deployment failed';
      return { summary, error, outputs: { outcome: 'failed', release: result.release.id, url: result.url } };
    }
  }
}
