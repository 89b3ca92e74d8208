import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { createRegistry } from '../../local/registry/registry.ts';
import { assembleStandInBase } from '../../local/registry/standin-base.ts';
import { compared, median, type Row } from '../row.ts';
import { type Meter, startMeter } from './meter.ts';
import { type Peer, startBuildah, startBuildKit, startBuildKitInline } from './peers.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

const repository = join(import.meta.dirname, '../..');
const ROUNDS = 3;
const CASES = [
  'cold',
  'no change, same machine',
  'one-line change, same machine',
  'no change, fresh runner',
  'one-line change, fresh runner',
] as const;
type Case = (typeof CASES)[number];

/**
 * Bundles, builds and pushes the inference service (45 MB of native libraries, 0.7 MB of code), each time in a process of its own, against a registry on this machine: median of three
 * rounds. A fresh runner has the checkout and nothing else. Loopback hides the network, which favours the peers: they pull the base for every fresh runner.
 */
export async function* images(): AsyncGenerator<Row> {
  const scratch = createWorkspace('unused');
  const registry = await createRegistry({ folder: join(scratch.folder, 'registry'), port: 0 });
  const meter = await startMeter(registry.port);
  const { host } = meter;
  const closing: (() => Promise<void> | void)[] = [() => meter.close(), () => registry.close(), () => scratch.remove()];
  try {
    const base = await assembleStandInBase({ registry: { host }, root: repository });
    const workspace = createWorkspace(base.reference);
    closing.unshift(() => workspace.remove());
    bundleOurs(workspace.folder);
    const ours = await measure(workspace, meter, {
      build: (round) => buildOurs(workspace, host, base.reference, `ours${round}`),
      forget: async () => undefined,
    });
    await expectSameDigest(workspace, host, base.reference);
    for (const start of [startBuildKit, startBuildKitInline, startBuildah]) {
      const peer = await start(workspace.folder);
      closing.unshift(() => peer.close());
      const theirs = await measure(workspace, meter, {
        build: (round) => buildTheirs(peer, workspace, `${host}/${peer.name.replace(/[^a-z]+/g, '-')}${round}:1`),
        forget: () => peer.forget(),
      });
      for (const one of CASES) {
        const row = { bench: 'images', case: one, peer: peer.name } as const;
        yield compared({ ...row, unit: 'ms', ours: ours[one].milliseconds, theirs: theirs[one].milliseconds });
        yield { ...row, case: `${one}: sent`, unit: 'bytes', ours: ours[one].bytes, theirs: theirs[one].bytes };
      }
    }
  } finally {
    for (const close of closing) await close();
  }
}

interface Builder {
  build(round: number): Promise<unknown>;
  /** Forgets what a fresh runner would not have. */
  forget(): Promise<void>;
}

interface Measured {
  readonly milliseconds: number;
  readonly bytes: number;
}

/** Medians over the rounds, for each case. */
async function measure(
  workspace: Workspace,
  meter: Meter,
  { build, forget }: Builder,
): Promise<Record<Case, Measured>> {
  const measured = new Map<Case, Measured[]>(CASES.map((one) => [one, []]));
  const timed = async (one: Case, round: number): Promise<void> => {
    meter.take();
    const started = performance.now();
    await build(round);
    measured.get(one)?.push({ milliseconds: performance.now() - started, bytes: meter.take() });
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    workspace.edit();
    await forget();
    await timed('cold', round);
    await timed('no change, same machine', round);
    workspace.edit();
    await timed('one-line change, same machine', round);
    await forget();
    await timed('no change, fresh runner', round);
    workspace.edit();
    await forget();
    await timed('one-line change, fresh runner', round);
  }
  const middle = (one: Case, value: (each: Measured) => number): number =>
    Math.round(median((measured.get(one) ?? []).map(value)));
  return Object.fromEntries(
    CASES.map((one) => [
      one,
      { milliseconds: middle(one, (each) => each.milliseconds), bytes: middle(one, (each) => each.bytes) },
    ]),
  ) as Record<Case, Measured>;
}

const execute = promisify(execFile);

/** Our builder as GitHub runs it: bundled, as actions/build is. */
function bundleOurs(folder: string): void {
  buildSync({
    entryPoints: [join(import.meta.dirname, 'ours.ts')],
    outfile: join(folder, 'ours.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['esbuild'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
}

async function buildOurs(workspace: Workspace, host: string, base: string, app: string): Promise<string> {
  const args = [join(workspace.folder, 'ours.mjs'), workspace.root, host, base, app];
  const { stdout } = await execute(process.execPath, args);
  return (JSON.parse(stdout) as { digest: string }).digest;
}

/** Built twice from nothing into repositories that know nothing of each other, the image is the same to the byte. */
async function expectSameDigest(workspace: Workspace, host: string, base: string): Promise<void> {
  const digests = [await buildOurs(workspace, host, base, 'first'), await buildOurs(workspace, host, base, 'second')];
  if (digests[0] !== digests[1]) throw new Error(`Two builds of the same sources differ: ${digests.join(', ')}`);
}

async function buildTheirs(peer: Peer, { root, context }: Workspace, tag: string): Promise<void> {
  const entry = join(root, 'services/inference/main.ts');
  const options = [
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--target=node24',
    '--minify',
    '--external:onnxruntime-node',
  ];
  const output = ['--log-level=error', `--outfile=${join(context, 'main.mjs')}`];
  await execute(join(repository, 'node_modules/.bin/esbuild'), [entry, ...options, ...output]);
  await peer.build(context, tag);
}
