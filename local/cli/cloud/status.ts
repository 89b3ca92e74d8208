import { baseUrl } from '../../../pipeline/manifest/names.ts';
import type { Lock } from '../../../pipeline/release/ledger.ts';
import type { Release } from '../../../pipeline/release/types.ts';
import type { MethodContext } from './methods.ts';
import { localProject } from './project.ts';
import { reportPullRequest } from './pull-requests.ts';
import { localLedger } from './recovery.ts';
import type { EnvironmentReport, LockReport, ReleaseLine, ReleaseReport, StatusReport } from './wire.ts';

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
  const { commit: _, ...report } = ledger ?? {};
  return { name, url: baseUrl(localProject(context.ports), name), ...report };
}

/** Releases that a person looks back at. */
const SHOWN = 5;

/** What the ledger says of an environment; undefined before there is a ledger. */
export async function reportLedger(
  { ports }: MethodContext,
  environment: string,
): Promise<(Omit<EnvironmentReport, 'name' | 'url'> & { commit?: string }) | undefined> {
  const ledger = localLedger(ports);
  try {
    const [{ head, freeze, lock }, newest] = await Promise.all([
      ledger.control(environment),
      ledger.releases(environment, SHOWN),
    ]);
    const release =
      head && (newest.find(({ id }) => id === head.release) ?? (await ledger.release(environment, head.release)));
    return {
      ...(head && release ? { commit: head.commit, release: reportRelease(release) } : {}),
      ...(freeze ? { frozen: `${freeze.reason} (${freeze.by}, ${freeze.since})` } : {}),
      ...(lock ? { lock: reportLock(lock) } : {}),
      ...(newest.length > 0 ? { releases: newest.map(reportLine) } : {}),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function reportRelease({ id, commit, kind, status, services }: Release): ReleaseReport {
  const digests = Object.entries(services).map(([service, { digest }]) => [service, digest]);
  return { id, commit, kind, status, services: Object.fromEntries(digests) };
}

function reportLine({ id, commit, kind, status, actor, trigger, createdAt, seconds, failure }: Release): ReleaseLine {
  return {
    id,
    commit,
    kind,
    status,
    actor,
    trigger: trigger ?? 'direct',
    createdAt,
    ...(seconds === undefined ? {} : { seconds }),
    ...(failure === undefined ? {} : { failure }),
  };
}

const reportLock = ({ holder, reason, since, expires }: Lock): LockReport => ({
  holder,
  reason,
  since,
  expires: new Date(expires).toISOString(),
});
