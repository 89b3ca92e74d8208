import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { connect, type RunningCloud } from '../local/cli/cloud/launch.ts';
import { localProject } from '../local/cli/cloud/project.ts';
import type { PullRequestReport, RunReport } from '../local/cli/cloud/wire.ts';
import { endpointsFrom } from '../local/cli/ports.ts';
import { EDITED_FILE, roundDifferently } from '../local/cli/story/edit.ts';
import { ask } from '../local/cli/story/http.ts';
import { loadManifests } from '../pipeline/manifest/load.ts';
import { hostName } from '../pipeline/manifest/names.ts';
import { valueOrThrow } from '../pipeline/manifest/result.ts';
import { hourlyCost } from '../pipeline/preview/cost.ts';
import type { Row } from './row.ts';

const root = join(import.meta.dirname, '..');
const SIDE_BY_SIDE = [1, 10, 50] as const;
/** Pull requests that are opened at a time: GitHub would run more, this machine would not. */
const AT_A_TIME = 4;
const QUESTION = {
  path: '/v2/models/fuel-economy/infer',
  body: { inputs: [{ name: 'features', shape: [1, 7], datatype: 'FP32', data: [4, 97, 67, 2065, 17.8, 1980, 2] }] },
};
/** A function of its own: fifty of them need no fifty processes. */
const SCORER = 'services/scorer/src/measurements.ts';

interface Changed {
  readonly pullRequest: PullRequestReport;
  readonly runs: readonly RunReport[];
}

/**
 * How long people wait for a preview on the local cloud, from the push to the first answer; how many fit side by side, and what one costs
 * while nobody looks. `SLIPWAY_PREVIEWS=1,10` limits the numbers.
 */
export async function* previews(): AsyncGenerator<Row> {
  const home = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    command(home, ['up', '--json']);
    const cloud = connect(home);
    if (cloud === undefined) throw new Error('The local cloud did not start');
    yield* oneAfterTheOther(cloud);
    yield* sideBySide(cloud);
    yield* costs();
  } finally {
    command(home, ['down', '--purge']);
    rmSync(home, { recursive: true, force: true });
  }
}

async function* oneAfterTheOther(cloud: RunningCloud): AsyncGenerator<Row> {
  const { text } = await call<{ text: string }>(cloud, 'file', { path: EDITED_FILE });
  const edit = roundDifferently(text);
  const opened = await timed(() => change(cloud, 'pr-open', { title: 'Bench', files: { [EDITED_FILE]: edit.text } }));
  const { number } = opened.value.pullRequest;
  const environment = `pr-${number}`;
  await answers(cloud, environment);
  yield row('first preview: from push to answer', opened.seconds);
  const files = { [EDITED_FILE]: `${edit.text}// Again.\n` };
  const updated = await timed(() => change(cloud, 'pr-push', { number, files }));
  yield row('update: from push to answer', updated.seconds);
  await change(cloud, 'pr-comment', { number, body: '/preview sleep' });
  const woken = await timed(() => answers(cloud, environment));
  yield row('wake: from first request to answer', woken.seconds);
  const closed = await timed(() => change(cloud, 'pr-close', { number }));
  yield row('destroy: from close to nothing left', closed.seconds);
}

async function* sideBySide(cloud: RunningCloud): AsyncGenerator<Row> {
  const { text } = await call<{ text: string }>(cloud, 'file', { path: SCORER });
  const wanted = (process.env['SLIPWAY_PREVIEWS'] ?? SIDE_BY_SIDE.join(',')).split(',').map(Number);
  const open: number[] = [];
  const rulesBefore = await rules(cloud);
  for (const count of wanted) {
    const missing = Array.from({ length: count - open.length }, (_, index) => open.length + index);
    const { seconds } = await timed(async () => {
      const queue = missing.values();
      const worker = async (): Promise<void> => {
        for (const index of queue) {
          const files = { [SCORER]: `${text}// Variant ${index}.\n` };
          const { pullRequest } = await change(cloud, 'pr-open', { title: `Variant ${index}`, files });
          open.push(pullRequest.number);
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    });
    yield row(`${count} side by side: to open ${missing.length}`, seconds);
    yield {
      bench: 'previews',
      case: `${count} side by side: memory of the local cloud`,
      unit: 'bytes',
      ours: memory(cloud.pid),
    };
    yield {
      bench: 'previews',
      case: `${count} side by side: listener rules`,
      unit: 'rules',
      ours: (await rules(cloud)) - rulesBefore,
    };
  }
}

/** By the price table: what one more preview costs, without what it shares with staging. */
async function* costs(): AsyncGenerator<Row> {
  const manifests = valueOrThrow(loadManifests(root));
  for (const name of ['inference', 'scorer', 'web']) {
    const services = manifests.filter((manifest) => manifest.name === name);
    const day = Math.round(hourlyCost(services) * 24 * 100) / 100;
    yield { bench: 'previews', case: `${name} changed: a day awake`, unit: 'dollars', ours: day };
  }
  yield { bench: 'previews', case: 'any: a day asleep', unit: 'dollars', ours: hourlyCost([]) };
}

const row = (what: string, seconds: number): Row => ({ bench: 'previews', case: what, unit: 's', ours: seconds });

async function timed<Value>(work: () => Promise<Value>): Promise<{ readonly value: Value; readonly seconds: number }> {
  const started = performance.now();
  const value = await work();
  return { value, seconds: Math.round((performance.now() - started) / 10) / 100 };
}

async function call<Value>(cloud: RunningCloud, method: string, parameters: object): Promise<Value> {
  const result = await cloud.client.call<Value>(method, parameters);
  if (!result.ok) throw new Error(`${method}: ${result.bug ?? result.message}`);
  return result.value;
}

async function change(cloud: RunningCloud, method: string, parameters: object): Promise<Changed> {
  const changed = await call<Changed>(cloud, method, parameters);
  const bad = changed.runs.find(
    ({ workflow, conclusion }) => workflow.startsWith('preview') && conclusion !== 'success',
  );
  if (bad !== undefined) throw new Error(`${bad.workflow}: ${bad.jobs.flatMap(({ errors }) => errors).join('; ')}`);
  return changed;
}

async function answers(cloud: RunningCloud, environment: string): Promise<void> {
  const host = hostName(localProject(cloud.ports), environment);
  while ((await ask({ port: cloud.ports.web, host, ...QUESTION })).status !== 200) await sleep(50);
}

async function rules(cloud: RunningCloud): Promise<number> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new ElasticLoadBalancingV2Client({
    region: 'us-east-1',
    endpoint: endpointsFrom(cloud.ports).aws,
    credentials,
  });
  let count = 0;
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {})) {
    for (const { LoadBalancerArn } of LoadBalancers) {
      for await (const { Listeners = [] } of paginateDescribeListeners({ client }, { LoadBalancerArn })) {
        for (const { ListenerArn } of Listeners)
          for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn })) count += Rules.length;
      }
    }
  }
  return count;
}

/** Resident memory of a process and of all that it started, in bytes. */
function memory(pid: number): number {
  const children = new Map<number, number[]>();
  const sizes = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
      sizes.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while we looked.
    }
  }
  const sum = (one: number): number =>
    (sizes.get(one) ?? 0) + (children.get(one) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(pid);
}

function command(home: string, words: readonly string[]): void {
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'local/cli/main.ts'), ...words], {
    cwd: root,
    env: { ...process.env, SLIPWAY_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
