import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Row } from '../row.ts';

const ACTIONS = join(import.meta.dirname, '../../actions');
const TRIES = 5;

/** Size of every bundled action, and how long it takes until it has found out that its inputs are missing: node's own start included. */
export async function* bundles(): AsyncGenerator<Row> {
  yield { bench: 'release', case: 'node alone: start', unit: 'ms', ours: await startTime(['-e', '0']) };
  for (const name of readdirSync(ACTIONS).sort()) {
    const folder = join(ACTIONS, name, 'dist');
    if (!existsSync(folder)) continue;
    const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    yield { bench: 'release', case: `action ${name}: size`, unit: 'bytes', ours: bytes };
    yield {
      bench: 'release',
      case: `action ${name}: start`,
      unit: 'ms',
      ours: await startTime([join(folder, 'main.mjs')]),
    };
  }
}

async function startTime(words: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let tries = 0; tries < TRIES; tries++) {
    const started = performance.now();
    await once(spawn(process.execPath, words, { stdio: 'ignore', env: {} }), 'exit');
    times.push(performance.now() - started);
  }
  return Math.round(median(times));
}
