import { readFileSync } from 'node:fs';
import { serviceName } from '../../../pipeline/manifest/names.ts';
import { usedAccess } from '../../aws/iam/recorder.ts';
import { knownRoles } from '../../aws/iam/roles.ts';
import { GitHubError } from '../../github/types.ts';
import type { Ports } from '../ports.ts';
import { bootstrap } from './bootstrap.ts';
import type { LocalCloud } from './compose.ts';
import { type CallContext, CallRefused, type Method } from './control.ts';
import { faultMethods } from './faults.ts';
import { commitFiles, pullRequestMethods } from './pull-requests.ts';
import { followRuns } from './runs.ts';
import { reportStatus } from './status.ts';
import type { FileChanges, RunReport } from './wire.ts';

export interface MethodContext {
  readonly local: LocalCloud;
  readonly root: string;
  readonly ports: Ports;
  /** Settled when nothing is left half done by a local cloud that was killed. */
  readonly recovered: Promise<void>;
}

/** What the command line can ask of the local cloud; docs/cli.md has the answers' fields. */
export function createMethods(context: MethodContext): Readonly<Record<string, Method>> {
  const { local } = context;
  const { github, cloud } = local;
  const methods: Record<string, Method> = {
    ping: async () => ({}),
    status: () => reportStatus(context),
    bootstrap: (_parameters, call) => bootstrap(context, call),
    ...pullRequestMethods(context),
    ...faultMethods(local),
    async commit(parameters, call) {
      const files = parameters['files'] as FileChanges;
      return await commitFiles(context, { branch: 'main', message: String(parameters['message']), files }, call);
    },
    async dispatch(parameters, call): Promise<RunReport | undefined> {
      const inputs = parameters['inputs'] as Readonly<Record<string, string>>;
      const id = await github.dispatch(String(parameters['workflow']), 'refs/heads/main', inputs);
      return (await followRuns(github, [id], call))[0];
    },
    comment: (parameters, call) => comment(local, parameters, call),
    issues: async () => github.issues(),
    async file(parameters) {
      return { text: await readFile(local, String(parameters['path'])) };
    },
    access: async () => ({ used: usedAccess(cloud), roles: knownRoles(cloud), region: cloud.region }),
    comments: async ({ number }) => github.comments(Number(number)).map(({ body }) => body),
    'run-logs': async ({ run }) => runLogs(local, run === undefined ? undefined : Number(run)),
    async 'service-logs'({ service, environment }) {
      return await serviceLogs(cloud, String(environment), String(service));
    },
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, refusing(method)]));
}

/** What GitHub refuses is an expected failure, and so is a file or log that is not there. */
function refusing(method: Method): Method {
  return async (parameters, call: CallContext) => {
    try {
      return await method(parameters, call);
    } catch (error) {
      if (error instanceof GitHubError) throw new CallRefused(error.message);
      throw error;
    }
  };
}

/** A comment, what it starts, and what that starts: an approval starts a deployment. */
async function comment(
  { github }: LocalCloud,
  { number, body, author }: Readonly<Record<string, unknown>>,
  call: CallContext,
): Promise<{ runs: RunReport[] }> {
  const before = github.runs.list()[0]?.id ?? 0;
  const { runs } = await github.comment({
    number: Number(number),
    body: String(body),
    ...(author === undefined ? {} : { author: String(author) }),
  });
  const followed = await followRuns(github, runs, call);
  const started = github.runs.list().filter(({ id, event }) => id > before && event === 'workflow_dispatch');
  return {
    runs: [
      ...followed,
      ...(await followRuns(
        github,
        started.map(({ id }) => id),
        call,
      )),
    ],
  };
}

async function readFile({ github }: LocalCloud, path: string): Promise<string> {
  const { git } = await import('../../github/repository/git.ts');
  return await git(github.repositoryFolder, ['show', `main:${path}`]);
}

interface LogLine {
  readonly line: string;
  readonly [origin: string]: unknown;
}

function runLogs({ github }: LocalCloud, id: number | undefined): LogLine[] {
  const run = id === undefined ? github.runs.list()[0] : github.runs.get(id);
  if (!run)
    throw new CallRefused(
      id === undefined ? 'No workflow has run yet' : `There is no run ${id}. See: npm run local -- status`,
    );
  return run.jobs.flatMap((job) =>
    job.steps.flatMap((step) => {
      const lines = step.log === undefined ? [] : readFileSync(step.log, 'utf8').trimEnd().split('\n');
      return lines.map((line) => ({ run: run.id, job: job.name, step: step.name, line }));
    }),
  );
}

async function serviceLogs(cloud: LocalCloud['cloud'], environment: string, service: string): Promise<LogLine[]> {
  const name = serviceName(environment, service);
  const events = await groupEvents(cloud, `/slipway/${environment}`);
  const own = events.filter(({ stream }) => stream.startsWith(`${service}/`) || stream.includes(`/${name}[`));
  return own.map(({ timestamp, message }) => ({ service, time: new Date(timestamp).toISOString(), line: message }));
}

interface GroupEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly stream: string;
}

/** All that is in the group, the oldest first; nothing when there is no such group (yet). */
async function groupEvents(cloud: LocalCloud['cloud'], logGroupName: string): Promise<GroupEvent[]> {
  const all: GroupEvent[] = [];
  try {
    for (let nextToken: string | undefined, more = true; more; more = nextToken !== undefined) {
      const page = await cloud.invoke<{
        events?: { timestamp?: number; message?: string; logStreamName?: string }[];
        nextToken?: string;
      }>('logs', 'FilterLogEvents', { logGroupName, ...(nextToken && { nextToken }) });
      for (const { timestamp = 0, message = '', logStreamName: stream = '' } of page.events ?? [])
        all.push({ timestamp, message, stream });
      nextToken = page.nextToken;
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
  }
  return all;
}
