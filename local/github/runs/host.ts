import type { Concurrency } from '../../workflow/plan/concurrency.ts';
import type { RunnerHost } from '../../workflow/run/types.ts';
import { createDeployment, setDeploymentStatus } from '../deployments.ts';
import { oidcClaims, type SubjectTemplate } from '../oidc/claims.ts';
import { BOT_LOGIN, type Site } from '../site.ts';
import type { Run } from '../types.ts';
import { forgetProcess, recordProcess } from './processes.ts';
import type { Workflows } from './workflows.ts';

export const DEFAULT_SUBJECT: SubjectTemplate = { use_default: true, use_immutable_subject: true };

/** What the runner asks GitHub for while it executes a run. */
export function createRunnerHost(given: {
  readonly site: Site;
  readonly run: Run;
  readonly github: Readonly<Record<string, unknown>>;
  readonly workflows: Workflows;
  readonly concurrency: Concurrency;
}): RunnerHost {
  const { site, run, github, workflows, concurrency } = given;
  const { tokens, state } = site;
  return {
    concurrency,
    readFile: (path) => workflows.readFile(run.commit, path),
    openJob({ job, permissions, environment, workflowPath }) {
      const token = tokens.issue({ login: BOT_LOGIN, permissions, run: run.id });
      if (permissions['id-token'] !== 'write') return { token, close: () => tokens.revoke(token) };
      const template = (state.values.get('oidc-subject') as SubjectTemplate | undefined) ?? DEFAULT_SUBJECT;
      const identity = tokens.issueForIdentity(oidcClaims(github, { environment, workflowPath }, template));
      return {
        token,
        oidc: { url: `${site.url}/_services/oidc/token?run=${run.id}&job=${job.id}`, token: identity },
        close() {
          tokens.revoke(token);
          tokens.revoke(identity);
        },
      };
    },
    startDeployment(environment) {
      const { id } = createDeployment(site, {
        commit: run.commit,
        ref: run.branch,
        task: 'deploy',
        environment,
        creator: BOT_LOGIN,
        run: run.id,
      });
      setDeploymentStatus(site, id, { state: 'in_progress', creator: BOT_LOGIN });
      return id;
    },
    finishDeployment(id, result, url) {
      setDeploymentStatus(site, id, { state: result, creator: BOT_LOGIN, ...(url ? { url } : {}) });
    },
    processStarted: (pid) => recordProcess(state, pid),
    processEnded: (pid) => forgetProcess(state, pid),
  };
}
