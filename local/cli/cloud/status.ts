import { baseUrl } from '../../../pipeline/manifest/names.ts';
import type { MethodContext } from './methods.ts';
import { localProject } from './project.ts';
import { reportPullRequest } from './pull-requests.ts';
import { localLedger } from './recovery.ts';
import type { EnvironmentReport, StatusReport } from './wire.ts';

export async function reportStatus(context: MethodContext): Promise<StatusReport> {
  const { local, ports } = context;
  const { github, runtime, cloud } = local;
  const project = localProject(ports);
  const pulls = github.pullRequests();
  const previews = pulls.filter(({ state }) => state === 'open').map(({ number }) => `pr-${number}`);
  const environments = await Promise.all(
    ['production', 'staging', ...previews].map((name) => reportEnvironment(context, name)),
  );
  const { resolveCommit } = await import('../../github/repository/git.ts');
  const commit = await resolveCommit(github.repositoryFolder, 'main');
  return {
    pid: process.pid,
    home: cloud.home,
    ...(commit === undefined ? {} : { commit }),
    runtime: { mode: runtime.mode, limitations: runtime.limitations },
    urls: {
      staging: baseUrl(project, 'staging'),
      production: baseUrl(project, 'production'),
      github: cloud.endpoints.github,
      sentry: cloud.endpoints.sentry,
      aws: cloud.endpoints.aws,
      registry: `http://${cloud.endpoints.registry}`,
    },
    environments,
    pullRequests: pulls.map(reportPullRequest),
  };
}

async function reportEnvironment(context: MethodContext, name: string): Promise<EnvironmentReport> {
  const ledger = await reportLedger(context, name);
  return {
    name,
    url: baseUrl(localProject(context.ports), name),
    ...(ledger?.release ? { release: ledger.release } : {}),
    ...(ledger?.frozen ? { frozen: ledger.frozen } : {}),
  };
}

/** What the ledger says of an environment; undefined before there is a ledger. */
export async function reportLedger(
  { ports }: MethodContext,
  environment: string,
): Promise<(Pick<EnvironmentReport, 'release' | 'frozen'> & { commit?: string }) | undefined> {
  const ledger = localLedger(ports);
  try {
    const { head, freeze } = await ledger.control(environment);
    const release = head && (await ledger.release(environment, head.release));
    if (!head || !release) return freeze ? { frozen: freeze.reason } : {};
    const { id, commit, kind, status } = release;
    const services = Object.fromEntries(
      Object.entries(release.services).map(([service, { digest }]) => [service, digest]),
    );
    return {
      commit: head.commit,
      release: { id, commit, kind, status, services },
      ...(freeze ? { frozen: `${freeze.reason} (${freeze.by}, ${freeze.since})` } : {}),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
