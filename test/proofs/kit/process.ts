import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Call } from '../../../local/aws/kit/faults.ts';
import { ConnectionDropped } from '../../../local/aws/kit/faults.ts';
import type { ProofCloud } from './cloud.ts';
import type { Run, Spent } from './connection.ts';

export interface Programs {
  /** A process that is started already and waits for its order. */
  take(cloud: ProofCloud): Promise<ChildProcess>;
  close(): void;
}

/** Bundles the program as the actions are bundled, and keeps processes of it ready. */
export async function createPrograms(): Promise<Programs> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-program-'));
  const file = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'program.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    mainFields: ['module', 'main'],
    external: ['esbuild'],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const ready = new Map<ProofCloud, ChildProcess>();
  const start = (cloud: ProofCloud): ChildProcess => {
    const child = fork(file, {
      env: { ...cloud.environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    ready.set(cloud, child);
    return child;
  };
  return {
    async take(cloud) {
      const child = ready.get(cloud) ?? start(cloud);
      start(cloud);
      return child;
    },
    close() {
      for (const child of ready.values()) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Ended =
  /** The process was killed at this call. */
  { readonly killed: Call } | { readonly outcome: string; readonly error?: string };

/** Runs `run` in a process and kills it at the `n`th moment: moments are the arrival of a call, and the time when it has taken effect but was not answered. */
export async function runAndKill(
  programs: Programs,
  cloud: ProofCloud,
  { run, moment }: { run: Run; moment: number },
): Promise<Ended> {
  const child = await programs.take(cloud);
  const exited = once(child, 'exit');
  let seen = 0;
  let killed: Call | undefined;
  const stop = cloud.faults.watch(async (call) => {
    seen += 1;
    if (killed !== undefined) throw new ConnectionDropped('its process is dead');
    if (seen !== moment) return;
    killed = call;
    child.kill('SIGKILL');
    await exited;
    throw new ConnectionDropped('its process was killed');
  });
  const told = lastWords(child);
  child.send(run);
  await exited;
  stop();
  return killed === undefined ? told() : { killed };
}

/** Runs `run` in a process to its end. */
export async function runToEnd(programs: Programs, cloud: ProofCloud, run: Run): Promise<Words> {
  const child = await programs.take(cloud);
  const exited = once(child, 'exit');
  const told = lastWords(child);
  child.send(run);
  await exited;
  return told();
}

interface Words {
  readonly outcome: string;
  readonly error?: string;
  readonly spent?: Spent;
}

function lastWords(child: ChildProcess): () => Words {
  let words: Words = { outcome: 'ended without a word' };
  child.on('message', (message: Partial<Words>) => {
    if (message.outcome !== undefined) words = { ...message, outcome: message.outcome };
  });
  return () => words;
}
