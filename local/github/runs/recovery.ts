import { setDeploymentStatus } from '../deployments.ts';
import { BOT_LOGIN, type Site } from '../site.ts';
import { reapProcesses } from './processes.ts';
import { completion } from './runner.ts';
import { clearScratch } from './scratch.ts';

const LOST = 'The runner was lost: the local cloud ended while this run was in progress';

/** Settles what an earlier local GitHub left behind when it was killed: its processes, runs, deployments, workspaces. */
export function recoverRuns(site: Site): void {
  const { state, cloud } = site;
  const reaped = reapProcesses(state);
  clearScratch(cloud.home);
  for (const run of state.runs.list()) {
    if (run.status === 'completed') continue;
    const jobs = run.jobs.map((job) =>
      job.status === 'completed'
        ? job
        : { ...job, status: 'completed' as const, conclusion: 'cancelled' as const, reason: LOST },
    );
    state.runs.set(run.id, { ...run, jobs, ...completion(site, run, { conclusion: 'cancelled', reason: LOST }) });
    for (const deployment of state.deployments.list()) {
      const open = deployment.run === run.id && deployment.statuses[0]?.state === 'in_progress';
      if (open) setDeploymentStatus(site, deployment.id, { state: 'error', creator: BOT_LOGIN, description: LOST });
    }
    cloud.log({
      source: 'github',
      message: `run ${run.id} (${run.name}) was in progress and is now cancelled`,
      reaped,
    });
  }
}
