import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Row } from './row.ts';

const root = join(import.meta.dirname, '..');
const RUNS = 5;

/** Wall time of `node main.ts` for all stacks, process start included: median of five. */
export async function* synth(): AsyncGenerator<Row> {
  const output = mkdtempSync(join(tmpdir(), 'slipway-bench-synth-'));
  try {
    const times = Array.from({ length: RUNS }, () => {
      const started = performance.now();
      const result = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'main.ts'], {
        cwd: root,
        env: { ...process.env, CDKTF_OUTDIR: output },
        encoding: 'utf8',
      });
      if (result.status !== 0) throw new Error(`main.ts failed: ${result.stderr}`);
      return performance.now() - started;
    });
    yield { bench: 'synth', case: 'all stacks', unit: 'ms', ours: Math.round(median(times)) };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
