/** Many tenants' models in one server: requests per second, what a cold one costs, whom it delays, and what memory comes back. */
import { denseModel, SIZES } from '../../services/inference/src/test-models.ts';
import type { Note, Row } from '../row.ts';
import { measure } from './client.ts';
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

const HOT_ROUNDS = 3;

/** One tenant asks all the time while models of others are loaded, of the same architecture and of 10 MB each. */
export async function* measureHotTenant(): AsyncGenerator<Row | Note> {
  const others = 400;
  const large = 30;
  const models = [
    ...Array.from({ length: others }, (_, tenant) => tenantModel(tenant)),
    ...Array.from({ length: large }, (_, tenant) => tenantModel(others + tenant, SIZES['10 MB'])),
  ];
  const workspace = createWorkspace(models);
  const ours = await startOurs(workspace.folder, { memoryBytes: 200 * MIB });
  try {
    const hot = {
      port: ours.api,
      requests: [jsonRequest(1, tenantHeader(0))],
      connections: 1,
      milliseconds: MILLISECONDS,
    };
    await measure(hot);
    const ratios = { small: [] as number[], large: [] as number[] };
    for (let round = 0; round < HOT_ROUNDS; round++) {
      const alone = await measure(hot);
      const besideSmall = await beside(measure(hot), ours, { from: 1 + round * 130, count: 130 });
      const besideLarge = await beside(measure(hot), ours, { from: others, count: large });
      ratios.small.push(besideSmall.p99 / alone.p99);
      ratios.large.push(besideLarge.p99 / alone.p99);
      yield note(
        `hot tenant: p99 alone ${alone.p99.toFixed(2)} ms, while models of 34 KB load ${besideSmall.p99.toFixed(2)} ms, of 10 MB ${besideLarge.p99.toFixed(2)} ms`,
      );
    }
    yield aim('hot tenant’s p99 while models of 34 KB load, of alone, at most 1.5', middle(ratios.small), 1.5, true);
    yield aim('hot tenant’s p99 while models of 10 MB load, of alone, at most 1.5', middle(ratios.large), 1.5, true);
  } finally {
    await ours.stop();
    workspace.remove();
  }
}

async function beside<Value>(
  measuring: Promise<Value>,
  ours: OurServer,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<Value> {
  let going = true;
  const measured = measuring.finally(() => {
    going = false;
  });
  for (let index = 0; going; index++) await askEach(ours, from + (index % count), from + (index % count) + 1);
  return measured;
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
