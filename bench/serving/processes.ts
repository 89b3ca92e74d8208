/** Servers as processes of their own, and what they cost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface RunningServer {
  /** What its first line said. */
  readonly port: number;
  readonly pid: number;
  /** Seconds of processor time so far, those of its own processes included. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

const TICKS_PER_SECOND = 100;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What our service is started with everywhere; the others have the use of it, too. */
const { environment } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../services/inference/service.json'), 'utf8'),
) as { readonly environment: Readonly<Record<string, string>> };

export async function startProcess(file: string, args: readonly string[] = []): Promise<RunningServer> {
  const path = join(import.meta.dirname, 'servers', file);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--expose-gc', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  });
  running.add(child);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    once(child, 'exit').then(() => Promise.reject(new Error(`${file} did not start`))),
  ]);
  const pid = child.pid as number;
  return {
    port: Number(line),
    pid,
    cpuSeconds: () => familyOf(pid).reduce((total, one) => total + cpuOf(one), 0),
    async stop() {
      running.delete(child);
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await once(child, 'exit');
      clearTimeout(timer);
    },
  };
}

function familyOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return [pid, ...children.flatMap(familyOf)];
  } catch {
    return [pid];
  }
}

function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
