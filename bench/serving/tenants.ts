/** Many tenants' models in one server: requests per second, what a cold one costs, whom it delays, and what memory comes back. */
import { denseModel, SIZES } from '../../services/inference/src/test-models.ts';
import type { Note, Row } from '../row.ts';
import { type Measured, measure } from './client.ts';
import { aim, CONNECTIONS, note } from './requests.ts';
import { createWorkspace, jsonRequest, type OurServer, startOurs } from './workspace.ts';

const COUNTS = [1, 10, 100, 300, 1000] as const;
const MILLISECONDS = 2_000;
const MIB = 2 ** 20;
const tenantHeader = (tenant: number) => ({ 'x-slipway-tenant': `t${tenant}` });
const tenantModel = (tenant: number, sizes: readonly number[] = SIZES['34 KB']) =>
  denseModel({ name: 'dense', tenant: `t${tenant}`, sizes, seed: tenant });

export async function* measureCounts(): AsyncGenerator<Row | Note> {
  for (const count of COUNTS) yield* measureCount(count);
}

async function* measureCount(count: number): AsyncGenerator<Row | Note> {
  const workspace = createWorkspace(Array.from({ length: count }, (_, tenant) => tenantModel(tenant)));
  const ours = await startOurs(workspace.folder);
  try {
    // The code is warm before memory and cold models are looked at.
    await askEach(ours, 0, 1);
    await measure({
      port: ours.api,
      requests: [jsonRequest(1, tenantHeader(0))],
      connections: CONNECTIONS,
      milliseconds: MILLISECONDS,
    });
    await ours.unloadAll();
    const before = (await ours.memory()).rss;
    const cold = await askEach(ours, 0, count);
    const requests = Array.from({ length: count }, (_, tenant) => jsonRequest(1, tenantHeader(tenant)));
    const load = { port: ours.api, connections: CONNECTIONS, milliseconds: MILLISECONDS };
    const uniform = await measure({ ...load, requests: shuffle(requests) });
    const skewed = await measure({ ...load, requests: skew(requests) });
    const loaded = (await ours.memory()).rss;
    await ours.unloadAll();
    const after = (await ours.memory()).rss;
    yield { bench: 'serving', case: `${count} tenants, uniform`, unit: 'requests/s', ours: Math.round(uniform.rate) };
    yield { bench: 'serving', case: `${count} tenants, skewed`, unit: 'requests/s', ours: Math.round(skewed.rate) };
    yield note(
      `${count} tenants: first request of each p50 ${middle(cold).toFixed(2)} ms, later ones p50 ${uniform.p50.toFixed(2)} ms (${CONNECTIONS} at once); ` +
        `resident ${mib(before)} MiB before, ${mib(loaded)} loaded, ${mib(after)} after unloading all`,
    );
    if (count === COUNTS.at(-1))
      yield aim(
        `resident MiB above the start after unloading ${count} models, at most 20`,
        (after - before) / MIB,
        20,
        true,
      );
  } finally {
    await ours.stop();
    workspace.remove();
  }
}

/** Milliseconds of one request per tenant, one after the other. */
async function askEach(ours: OurServer, from: number, to: number): Promise<number[]> {
  const times: number[] = [];
  for (let tenant = from; tenant < to; tenant++) {
    const { p50 } = await measure({
      port: ours.api,
      requests: [jsonRequest(1, tenantHeader(tenant))],
      connections: 1,
      milliseconds: 0,
    });
    times.push(p50);
  }
  return times;
}

const HOT_ROUNDS = 9;
const HOT_MILLISECONDS = 1_000;

interface Others {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly count: number;
  /** So little memory that whoever asks for one after the other finds none of them there. */
  readonly bytes: number;
}

/** One tenant asks all the time while models of others are loaded from the disk: one every 20 ms, or as fast as one client gets them. */
export async function* measureHotTenant(): AsyncGenerator<Row | Note> {
  yield* measureBeside({ name: '34 KB', sizes: SIZES['34 KB'], count: 400, bytes: 5 * MIB });
  yield* measureBeside({ name: '10 MB', sizes: SIZES['10 MB'], count: 30, bytes: 150 * MIB });
}

async function* measureBeside({ name, sizes, count, bytes }: Others): AsyncGenerator<Row | Note> {
  const others = Array.from({ length: count }, (_, index) => tenantModel(index + 1, sizes));
  const workspace = createWorkspace([tenantModel(0), ...others]);
  const ours = await startOurs(workspace.folder, { memoryBytes: bytes });
  try {
    const one = { port: ours.api, connections: 1, milliseconds: HOT_MILLISECONDS };
    const hot = { ...one, requests: [jsonRequest(1, tenantHeader(0))] };
    let asked = 0;
    const cold = async (every?: number): Promise<Measured> => {
      const requests = others.map((_, index) => jsonRequest(1, tenantHeader(((asked + index) % count) + 1)));
      const measured = await measure({ ...one, requests, ...(every !== undefined && { every }) });
      asked += measured.count;
      return measured;
    };
    // The code is warm, and everything was fetched once.
    await measure({ ...hot, milliseconds: MILLISECONDS });
    while (asked < count) await cold();
    const cases = [
      { beside: 'one every 20 ms', run: () => cold(20) },
      { beside: 'one after the other', run: () => cold() },
      { beside: 'none, but the hot one is asked by two', run: () => measure(hot) },
    ].map((one) => ({
      ...one,
      ratios: [] as number[],
      alone: [] as number[],
      p99: [] as number[],
      loads: [] as number[],
    }));
    for (let round = 0; round < HOT_ROUNDS; round++)
      for (const { run, ratios, alone, p99, loads } of cases) {
        const before = await measure(hot);
        const [during, loading] = await Promise.all([measure(hot), run()]);
        ratios.push(during.p99 / before.p99);
        alone.push(before.p99);
        p99.push(during.p99);
        loads.push(loading.rate);
      }
    for (const { beside, ratios, alone, p99, loads } of cases)
      yield note(
        `hot tenant, ${name}, ${beside}: p99 alone ${middle(alone).toFixed(2)} ms, beside ${Math.round(middle(loads))}/s ${middle(p99).toFixed(2)} ms (${middle(ratios).toFixed(2)} times)`,
      );
    const [paced] = cases;
    yield aim(
      `hot tenant’s p99 while models of ${name} load, of alone, at most 1.5`,
      middle(paced?.ratios ?? []),
      1.5,
      true,
    );
  } finally {
    await ours.stop();
    workspace.remove();
  }
}

/** What large models held comes back, too: they live in processes that end with the last of them. */
export async function* measureLargeModels(): AsyncGenerator<Row | Note> {
  const count = 20;
  const workspace = createWorkspace(Array.from({ length: count }, (_, tenant) => tenantModel(tenant, SIZES['10 MB'])));
  const ours = await startOurs(workspace.folder);
  try {
    await askEach(ours, 0, 1);
    await ours.unloadAll();
    const before = (await ours.memory()).rss;
    const cold = await askEach(ours, 0, count);
    await ours.unloadAll();
    const { rss, runners } = await ours.memory();
    yield note(
      `${count} models of 10 MB: first request of each p50 ${middle(cold).toFixed(1)} ms; after unloading all ${mib(rss)} MiB (before ${mib(before)}), ${runners.length} processes of models left`,
    );
    yield aim(
      `resident MiB above the start after unloading ${count} models of 10 MB, at most 20`,
      (rss - before) / MIB,
      20,
      true,
    );
  } finally {
    await ours.stop();
    workspace.remove();
  }
}

const mib = (bytes: number): number => Math.round(bytes / MIB);

function middle(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Every tenant equally often, in no order. */
function shuffle(requests: readonly Buffer[]): Buffer[] {
  return requests
    .map((request, at) => [(Math.sin(at * 12.9898) * 43_758.5453) % 1, request] as const)
    .sort(([one], [other]) => one - other)
    .map(([, request]) => request);
}

/** Log-uniform: of a thousand tenants ten send a third of all requests. */
function skew(requests: readonly Buffer[]): Buffer[] {
  return Array.from({ length: 4096 }, (_, at) => {
    const random = Math.abs((Math.sin(at * 78.233) * 43_758.5453) % 1);
    return requests[Math.min(requests.length - 1, Math.floor(requests.length ** random) - 1)] as Buffer;
  });
}
