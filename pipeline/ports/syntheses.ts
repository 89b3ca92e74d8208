import { getOctokit } from '@actions/github';
import type { ListSyntheses, SynthesisRun } from '../preview/full/synthesis.ts';

const WORKFLOW = 'plan.yml';
const JOB = 'synth';

/** Asks GitHub which runs synthesized a commit. Runs of forks with the same commit do not count. */
export function createSyntheses(token: string, repository: string): ListSyntheses {
  const { rest } = getOctokit(token);
  const [owner = '', repo = ''] = repository.split('/');
  const at = { owner, repo };
  return async (commit) => {
    const { data } = await rest.actions.listWorkflowRuns({
      ...at,
      workflow_id: WORKFLOW,
      head_sha: commit,
      event: 'pull_request',
      per_page: 20,
    });
    const own = data.workflow_runs.filter(({ head_repository: from }) => from?.full_name === repository);
    return Promise.all(
      own.map(async ({ id, html_url: url, created_at, status }): Promise<SynthesisRun> => {
        const { data: found } = await rest.actions.listJobsForWorkflowRun({ ...at, run_id: id });
        const job = found.jobs.find(({ name }) => name === JOB);
        return { id, url, createdAt: Date.parse(created_at), state: stateOf(job, status) };
      }),
    );
  };
}

function stateOf(
  job: { readonly status: string; readonly conclusion: string | null } | undefined,
  run: string | null,
): SynthesisRun['state'] {
  if (job?.status === 'completed') return job.conclusion === 'success' ? 'done' : 'failed';
  return run === 'completed' ? 'failed' : 'running';
}
