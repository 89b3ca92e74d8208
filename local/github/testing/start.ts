import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CloudEvent } from '../../cloud.ts';
import { openStore } from '../../state/store.ts';
import { createGitHub } from '../github.ts';
import type { GitHub, GitHubOptions, Run } from '../types.ts';

export interface TestGitHub {
  readonly github: GitHub;
  readonly home: string;
  readonly source: string;
  readonly events: readonly CloudEvent[];
  /** Calls the REST API below `/repos/<owner>/<name>`; the token may do everything unless permissions are given. */
  call(
    method: string,
    path: string,
    body?: unknown,
    permissions?: Readonly<Record<string, 'read' | 'write'>>,
  ): Promise<Answer>;
  /** Starts a second one on the same home, as after a restart. */
  restart(options?: Partial<GitHubOptions>): Promise<TestGitHub>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & Record<string, never>;
  readonly link: string | null;
}

const EVERYTHING = {
  actions: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  'pull-requests': 'write',
  variables: 'write',
} as const;

/** A local GitHub in a temporary home whose `main` holds the files. */
export async function startGitHub(
  files: Readonly<Record<string, string>>,
  options: Partial<GitHubOptions> = {},
): Promise<TestGitHub> {
  const home = mkdtempSync(join(tmpdir(), 'slipway-github-'));
  const source = join(home, 'source');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), content);
  }
  const started = await open(home, options).catch((error: unknown) => {
    rmSync(home, { recursive: true, force: true });
    throw error;
  });
  await started.github.seedRepository({ from: source, message: 'Seed' });
  return started;
}

async function open(home: string, options: Partial<GitHubOptions>): Promise<TestGitHub> {
  const store = openStore(join(home, 'state.db'));
  const events: CloudEvent[] = [];
  const github = await createGitHub(
    { home, store, now: Date.now, log: (event) => events.push(event) },
    {
      repository: 'octo/app',
      runnerEnvironment: { PATH: process.env['PATH'] ?? '' },
      grace: { interrupt: 200, terminate: 200 },
      ...options,
    },
  );
  async function close(): Promise<void> {
    await github.close();
    store.close();
  }
  return {
    github,
    home,
    source: join(home, 'source'),
    events,
    async call(method, path, body, permissions = EVERYTHING) {
      const response = await fetch(`${github.url}/repos/octo/app${path}`, {
        method,
        headers: { authorization: `token ${github.issueToken(permissions)}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text), link: response.headers.get('link') };
    },
    async restart(changed = {}) {
      await close();
      return open(home, { ...options, ...changed });
    },
    async close() {
      await close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A workflow with one job of one script. */
export function workflow(on: string, script: string, more = ''): string {
  const lines = script.split('\n').map((line) => `          ${line}`);
  return `on: ${on}\n${more}\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n${lines.join('\n')}\n`;
}

/** Log lines of a run, without the echoed scripts. */
export function outputOf(run: Run | undefined): string {
  const logs = (run?.jobs ?? []).flatMap(({ steps }) =>
    steps.flatMap(({ log }) => (log ? [readFileSync(log, 'utf8')] : [])),
  );
  return logs
    .flatMap((log) => log.split('\n'))
    .filter((line) => !line.startsWith('> '))
    .join('\n');
}

export function finished({ github }: TestGitHub, ids: readonly number[]): Promise<Run[]> {
  return Promise.all(ids.map((id) => github.runs.wait(id)));
}
