import type { JobRecord, Run } from '../../types.ts';
import type { Shape } from '../examples.ts';
import type { ShapeBase } from './base.ts';

export interface RunShapes {
  run(run: Run): Shape;
  job(run: Run, job: JobRecord): Shape;
}

/** Workflow runs and their jobs. */
export function runShapes({ examples, api, web, user, headRepository }: ShapeBase): RunShapes {
  return {
    run: (run) => ({
      ...examples('actions/list-workflow-runs', [[/\/runs\/\d+/g, `/runs/${run.id}`]]),
      id: run.id,
      name: run.name,
      display_title: run.title,
      path: run.workflow,
      run_number: run.number,
      run_attempt: 1,
      event: run.event,
      status: run.status,
      conclusion: run.conclusion ?? null,
      head_branch: run.branch,
      head_sha: run.headCommit,
      head_repository: headRepository(run.fork ?? false),
      html_url: `${web}/actions/runs/${run.id}`,
      actor: user(run.actor),
      triggering_actor: user(run.actor),
      pull_requests: [],
      created_at: run.createdAt,
      updated_at: run.completedAt ?? run.startedAt ?? run.createdAt,
      run_started_at: run.startedAt ?? run.createdAt,
    }),
    job: (run, job) => ({
      ...examples('actions/list-jobs-for-workflow-run', [[/\/(jobs|runs)\/\d+/g, `/$1/${job.id}`]]),
      id: job.id,
      run_id: run.id,
      run_url: `${api}/actions/runs/${run.id}`,
      html_url: `${web}/actions/runs/${run.id}/job/${job.id}`,
      name: job.name,
      workflow_name: run.name,
      head_sha: run.headCommit,
      head_branch: run.branch,
      status: job.status,
      conclusion: job.conclusion ?? null,
      created_at: job.startedAt ?? run.createdAt,
      started_at: job.startedAt ?? run.createdAt,
      completed_at: job.completedAt ?? null,
      steps: job.steps.map(({ name, number, status, conclusion, startedAt, completedAt }) => ({
        name,
        number,
        status,
        conclusion: conclusion ?? null,
        started_at: startedAt,
        completed_at: completedAt ?? null,
      })),
    }),
  };
}
