import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Row } from './row.ts';

const root = join(import.meta.dirname, '..');

interface Line {
  readonly step: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly detail?: { readonly error?: string };
}

/** Plays the story in a local cloud made for it, and takes the seconds that each step reports. */
export async function* story(): AsyncGenerator<Row> {
  const home = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    for await (const line of play(home)) {
      if (!line.ok) throw new Error(`The story's step ${line.step} failed: ${line.detail?.error ?? ''}`);
      yield { bench: 'story', case: line.step === 'summary' ? 'all' : line.step, unit: 's', ours: line.seconds };
    }
  } finally {
    await command(home, ['down', '--purge']);
    rmSync(home, { recursive: true, force: true });
  }
}

function start(home: string, args: readonly string[]) {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'local/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, SLIPWAY_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function* play(home: string): AsyncGenerator<Line> {
  const child = start(home, ['story', '--json']);
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as Line;
}

function command(home: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = start(home, args);
    child.stdout.resume();
    child.on('close', () => resolve());
  });
}
