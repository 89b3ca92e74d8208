import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compared, median, type Note, type Row } from '../row.ts';
import { CLI_VERSION, type Installed, installCli } from './cdktf-cli.ts';
import { planTimes } from './plan.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = 'bench/synth/program.ts';
const RUNS = 5;
const PEER_RUNS = 3;
const PREVIEWS = [0, 1, 10, 100];
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'];

interface Measured {
  readonly milliseconds: number;
  /** Largest resident set. */
  readonly bytes: number;
}

/**
 * Wall time and memory of synthesizing all long-lived environments with none to a hundred previews, process start included, beside `cdktf synth` of the
 * same program; then the time of a plan of every stack on the local provider.
 */
export async function* synth(): AsyncGenerator<Row | Note> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-synth-'));
  try {
    const cli = await installCli(folder);
    if (!cli.ok) yield { bench: 'synth', note: `cdktf-cli ${CLI_VERSION} cannot be installed: ${cli.problem}` };
    const ours = new Map<number, Measured>();
    for (const previews of PREVIEWS) {
      const measured = measure(RUNS, () => ourRun(folder, previews));
      ours.set(previews, measured);
      yield* rows(previews, measured, cli.ok ? measure(PEER_RUNS, () => theirRun(folder, cli, previews)) : undefined);
    }
    yield furtherPreview(ours);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { stack, seconds } of await planTimes())
    yield { bench: 'synth', case: `terraform plan ${stack}`, unit: 's', ours: Math.round(seconds * 100) / 100 };
}

function* rows(previews: number, ours: Measured, theirs: Measured | undefined): Generator<Row> {
  const name = previews === 0 ? 'all environments' : `all environments, ${previews} previews`;
  const pair = (part: keyof Measured, unit: Row['unit'], suffix: string): Row => {
    const row = { bench: 'synth', case: `${name}${suffix}`, unit, ours: Math.round(ours[part]) };
    return theirs === undefined ? row : compared({ ...row, peer: 'cdktf synth', theirs: Math.round(theirs[part]) });
  };
  yield pair('milliseconds', 'ms', '');
  yield pair('bytes', 'bytes', ', memory');
}

function furtherPreview(ours: ReadonlyMap<number, Measured>): Row {
  const at = (previews: number): number => ours.get(previews)?.milliseconds ?? Number.NaN;
  const each = (at(100) - at(1)) / 99;
  return { bench: 'synth', case: 'each further preview', unit: 'ms', ours: Math.round(each * 10) / 10 };
}

function measure(runs: number, run: () => Measured): Measured {
  const all = Array.from({ length: runs }, run);
  return {
    milliseconds: median(all.map(({ milliseconds }) => milliseconds)),
    bytes: median(all.map(({ bytes }) => bytes)),
  };
}

const ourRun = (folder: string, previews: number): Measured =>
  timed([...NODE, PROGRAM], {
    CDKTF_OUTDIR: join(folder, 'ours'),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    BENCH_PREVIEWS: String(previews),
  });

function theirRun(folder: string, { binary }: Extract<Installed, { ok: true }>, previews: number): Measured {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const command = [binary, 'synth', '--app', [...NODE, PROGRAM].join(' '), '--output', join(folder, 'theirs')];
  return timed([process.execPath, ...command], {
    HOME: home,
    CI: '1',
    CHECKPOINT_DISABLE: '1',
    BENCH_PREVIEWS: String(previews),
  });
}

/** Memory is that of the largest process of the run, as the kernel counts it. */
function timed(
  [program = '', ...parameters]: readonly string[],
  variables: Readonly<Record<string, string>>,
): Measured {
  const wrapped = ['-f', '%M', program, ...parameters];
  const started = performance.now();
  const { status, stderr, error } = spawnSync('/usr/bin/time', wrapped, {
    cwd: ROOT,
    env: { ...process.env, ...variables },
    encoding: 'utf8',
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${program} ${parameters.join(' ')} failed: ${error?.message ?? stderr}`);
  return { milliseconds: performance.now() - started, bytes: Number(stderr.trim().split('\n').at(-1)) * 1024 };
}
