import { type DrillResult, drill, problemOf } from '../../pipeline/release/drill.ts';
import { drillReport } from '../../pipeline/report/drill.ts';
import { connectGitHub } from '../kit/github.ts';
import { environment, text } from '../kit/inputs.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { connectPorts, readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const inputs = { environment: environment('environment') };
  const surroundings = readSurroundings(process.env);
  const { project, actor, trigger } = surroundings;
  const ports = connectPorts(surroundings, { history: connectGitHub(text('token'), surroundings), progress: log });
  return toResult(await drill({ ...inputs, project, actor, trigger }, ports));
});

function toResult(result: DrillResult): ActionResult {
  const summary = drillReport(result);
  const { outcome } = result;
  if (outcome === 'drilled')
    return { summary, outputs: { outcome, seconds: String(result.back.release.seconds ?? '') } };
  const outputs = { outcome, seconds: '' };
  if (outcome === 'not drilled') return { summary, outputs, warning: `${result.environment}: ${result.reason}` };
  return { summary, outputs, error: `The drill failed on its way ${result.step}: ${problemOf(result.result)}` };
}
