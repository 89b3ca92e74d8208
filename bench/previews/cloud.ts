import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type RunningCloud } from '../../local/cli/cloud/launch.ts';
import { localProject } from '../../local/cli/cloud/project.ts';
import type { PullRequestReport, RunReport } from '../../local/cli/cloud/wire.ts';
import { hostName } from '../../pipeline/manifest/names.ts';

export const ROOT = join(import.meta.dirname, '../..');

export interface Changed {
  readonly pullRequest: PullRequestReport;
  readonly runs: readonly RunReport[];
}

/**
 * A local cloud of its own with main on staging and production; gone when the work is done. One in the folder SLIPWAY_BENCH_HOME stays, so that the next part goes on
 * with the previews that this one opened.
 */
export async function* inCloud<Value>(work: (cloud: RunningCloud) => AsyncGenerator<Value>): AsyncGenerator<Value> {
  const kept = process.env['SLIPWAY_BENCH_HOME'];
  const home = kept ?? mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    if (connect(home) === undefined) command(home, ['up', '--json']);
    const cloud = connect(home);
    if (cloud === undefined) throw new Error('The local cloud did not start');
    yield* work(cloud);
  } finally {
    if (kept === undefined) remove(home);
  }
}

function remove(home: string): void {
  try {
    command(home, ['down', '--purge']);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function command(home: string, words: readonly string[]): void {
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'local/cli/main.ts'), ...words], {
    cwd: ROOT,
    env: { ...process.env, SLIPWAY_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export async function call<Value>(cloud: RunningCloud, method: string, parameters: object): Promise<Value> {
  const result = await cloud.client.call<Value>(method, parameters);
  if (!result.ok) throw new Error(`${method}: ${result.bug ?? result.message}`);
  return result.value;
}

/** Does something to a pull request and waits for its workflows; throws when one of previews failed. */
export async function change(cloud: RunningCloud, method: string, parameters: object): Promise<Changed> {
  const changed = await call<Changed>(cloud, method, parameters);
  const bad = changed.runs.find(
    ({ workflow, conclusion }) => workflow.startsWith('preview') && conclusion !== 'success',
  );
  if (bad !== undefined) throw new Error(`${bad.workflow}: ${bad.jobs.flatMap(({ errors }) => errors).join('; ')}`);
  return changed;
}

interface Question {
  readonly environment: string;
  readonly path: string;
  readonly body: object;
}

/** Who answers: environment and release; undefined while the answer is no 200. */
export function whoAnswers(cloud: RunningCloud, { environment, path, body }: Question): Promise<string | undefined> {
  const host = hostName(localProject(cloud.ports), environment);
  const headers = { host, connection: 'close', 'content-type': 'application/json' };
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port: cloud.ports.web, method: 'POST', path, headers });
    outgoing.on('error', () => resolve(undefined));
    outgoing.on('response', (response: IncomingMessage) => {
      const { 'x-slipway-environment': where = '', 'x-slipway-release': what = '' } = response.headers;
      response.resume().on('end', () => resolve(response.statusCode === 200 ? `${where} ${what}` : undefined));
      response.on('error', () => resolve(undefined));
    });
    outgoing.end(JSON.stringify(body));
  });
}

/** Asks again and again until the answer is from whom it should be. */
export async function untilAnswer(
  cloud: RunningCloud,
  question: Question,
  isIt: (who: string) => boolean,
): Promise<string> {
  for (;;) {
    const who = await whoAnswers(cloud, question);
    if (who !== undefined && isIt(who)) return who;
    await sleep(50);
  }
}

export async function timed<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly seconds: number }> {
  const started = performance.now();
  const value = await work();
  return { value, seconds: secondsSince(started) };
}

export const secondsSince = (started: number): number => Math.round((performance.now() - started) / 10) / 100;

/** Memory of a process and of all that it started, in bytes; what several share counts once. */
export function memory(pid: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const own = (one: number): number =>
    Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${one}/smaps_rollup`))?.[1] ?? 0) * 1024;
  const sum = (one: number): number => (children.get(one) ?? []).reduce((total, child) => total + sum(child), own(one));
  return sum(pid);
}

/** Empty for a process that ended while we looked. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
