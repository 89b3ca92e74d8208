import type { Project } from '../../pipeline/manifest/names.ts';
import { loadProject } from '../../pipeline/manifest/project.ts';
import { connectReleasePorts } from '../../pipeline/ports/aws/connect.ts';
import type { History } from '../../pipeline/ports/history.ts';
import type { SentrySettings } from '../../pipeline/ports/sentry.ts';
import type { Progress, ReleasePorts } from '../../pipeline/release/ports.ts';

/** What a workflow run tells its steps through environment variables. */
export interface Surroundings {
  /** The checkout. */
  readonly root: string;
  readonly project: Project;
  /** Who started the run, with a link to it. */
  readonly actor: string;
  readonly run: string;
  /** The event that started it: `push`, `workflow_dispatch`, ... */
  readonly trigger: string;
  /** Started by a merge, and not once more by a person. */
  readonly automatic: boolean;
  readonly sentry: SentrySettings | undefined;
  /** Divides the minutes that a canary bakes; the local cloud sets it, so that nobody waits for what nobody uses. */
  readonly speed: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function readSurroundings(variables: Variables): Surroundings {
  const root = variables['GITHUB_WORKSPACE'] || process.cwd();
  const run = `${variables['GITHUB_SERVER_URL']}/${variables['GITHUB_REPOSITORY']}/actions/runs/${variables['GITHUB_RUN_ID']}`;
  const repository = variables['SLIPWAY_REPOSITORY'] || variables['GITHUB_REPOSITORY'];
  const project = loadProject(root, { ...variables, SLIPWAY_REPOSITORY: repository });
  const actor = `${variables['GITHUB_TRIGGERING_ACTOR'] || variables['GITHUB_ACTOR'] || 'someone'} (${run})`;
  const trigger = variables['GITHUB_EVENT_NAME'] || 'direct';
  const automatic = trigger === 'push' && (variables['GITHUB_RUN_ATTEMPT'] || '1') === '1';
  const speed = Number(variables['SLIPWAY_SPEED']) || 1;
  return { root, project, actor, run, trigger, automatic, speed, sentry: readSentry(variables, project) };
}

/** Sentry is optional: without a token nobody is told. */
function readSentry(variables: Variables, { app, repository }: Project): SentrySettings | undefined {
  const token = variables['SENTRY_AUTH_TOKEN'];
  const organization = variables['SENTRY_ORG'];
  if (!token || !organization) return undefined;
  const projects = (variables['SENTRY_PROJECT'] || app).split(/[\s,]+/).filter(Boolean);
  return { url: variables['SENTRY_URL'] || 'https://sentry.io', token, organization, projects, repository };
}

/** Looks four times a second: a fast rollout is noticed at once, and a slow one costs a few hundred calls. */
const POLL_MS = 250;
const TIMEOUT_MS = 15 * 60 * 1000;

/** What goes back never asks how commits relate, so it needs neither GitHub nor a token. */
export const NO_HISTORY: History = {
  relation: async () => {
    throw new Error('the order of commits was asked for where nothing is deployed');
  },
  commitOf: async () => undefined,
};

export interface Connecting {
  readonly history: History;
  readonly progress: Progress;
}

export function connectPorts(
  { project, sentry, speed }: Surroundings,
  { history, progress }: Connecting,
): ReleasePorts {
  // Nothing is declared about how long a worker has to stay up, so where time is sped up it is a second.
  const pace = { pollMs: POLL_MS, timeoutMs: TIMEOUT_MS, speed, ...(speed > 1 && { steadyMs: 1_000 }) };
  return connectReleasePorts({ project, sentry, progress, history, pace });
}
