import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadWorkflow } from '../definition/load.ts';
import { createConcurrency } from '../plan/concurrency.ts';
import { executeRun, type RunOutcome } from '../run/run.ts';
import type { JobRecord, RunnerHost, RunRequest } from '../run/types.ts';

/** What a workflow did in a test. */
export interface TestRun extends RunOutcome {
  readonly jobs: Readonly<Record<string, JobRecord>>;
  /** Conclusion by job key. */
  readonly results: Readonly<Record<string, string | undefined>>;
  /** The log lines of all steps, without the echoed scripts. */
  readonly output: string;
  readonly annotations: readonly string[];
  readonly deployments: readonly string[];
  /** Process groups that were started, and those reported as ended. */
  readonly processes: { readonly started: readonly number[]; readonly ended: readonly number[] };
}

type Overrides = Partial<Omit<RunRequest, 'host' | 'workflow'>> & {
  readonly host?: Partial<RunnerHost>;
  readonly files?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
  readonly environment?: Readonly<Record<string, string>>;
  readonly standInEnvironment?: Readonly<Record<string, string>>;
};

/** Runs a workflow text for a push to main, with a host that grants everything and keeps nothing. */
export async function runWorkflow(content: string, overrides: Overrides = {}): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-workflow-'));
  const jobs = new Map<string, JobRecord>();
  const lines: string[] = [];
  const deployments: string[] = [];
  const processes = { started: [] as number[], ended: [] as number[] };
  const { host, files = {}, onLine, environment, standInEnvironment = {}, ...rest } = overrides;
  try {
    const outcome = await executeRun({
      runId: 7,
      workflow: await loadWorkflow('.github/workflows/test.yml', content),
      github: {
        event_name: 'push',
        event: { ref: 'refs/heads/main' },
        sha: 'a'.repeat(40),
        ref: 'refs/heads/main',
        ref_name: 'main',
        repository: 'octo/app',
      },
      inputs: {},
      secrets: {},
      variables: {},
      environments: {},
      fork: false,
      folder,
      scratch: join(folder, 'work'),
      machine: {
        environment: { PATH: process.env['PATH'] ?? '', ...environment },
        standIns: join(import.meta.dirname, '..', 'standins'),
        standInEnvironment,
        toolCache: join(folder, 'tools'),
        grace: { interrupt: 200, terminate: 200 },
      },
      signal: new AbortController().signal,
      killSignal: new AbortController().signal,
      observe: (event) => {
        if (event.type === 'job') jobs.set(event.job.key, event.job);
        if (event.type !== 'line') return;
        onLine?.(event.line);
        if (!event.line.startsWith('> ')) lines.push(event.line);
      },
      ...rest,
      host: {
        concurrency: createConcurrency(),
        readFile: async (path) => files[path],
        openJob: () => ({ token: 'ghs_0123456789', close: () => {} }),
        startDeployment: (environment) => deployments.push(`start ${environment}`),
        finishDeployment: (_, state, url) => deployments.push(`${state} ${url ?? ''}`.trim()),
        processStarted: (pid) => processes.started.push(pid),
        processEnded: (pid) => processes.ended.push(pid),
        ...host,
      },
    });
    const records = Object.fromEntries(jobs);
    return {
      ...outcome,
      jobs: records,
      results: Object.fromEntries([...jobs].map(([key, job]) => [key, job.conclusion])),
      output: lines.join('\n'),
      annotations: [...jobs.values()].flatMap((job) => job.annotations.map(({ message }) => message)),
      deployments,
      processes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
