/** The parent's side of the process in which models compute: starts it, watches it, and ends it when it hangs or takes too much memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { ComputerJob, ComputerOptions, FromChild, ToChild } from './child.ts';
import type { TransformOutcome } from './transform.ts';

/** `broken`: the attempt did not end; another one may. */
export type ComputerOutcome =
  | (TransformOutcome & { readonly rowsSeen?: number })
  | { readonly kind: 'broken'; readonly reason: string; readonly rowsSeen: number };

export interface Computer {
  readonly pid: number | undefined;
  /** @param onProgress called once, when the first rows are predicted */
  compute(job: ComputerJob, onProgress?: () => void): Promise<ComputerOutcome>;
  /** The job in work ends as `stopped`, with what it did saved. */
  stop(): void;
  close(): Promise<void>;
}

export interface ComputerSettings extends ComputerOptions {
  /** Program and argument that make a process call `computeForParent`. */
  readonly program: string;
  readonly argument: string;
  /** Milliseconds without a finished run after which a model hangs. */
  readonly patience: number;
  /** Memory that the process may take. */
  readonly memoryBytes: number;
}

const WATCH_MILLISECONDS = 500;
const PAGE_BYTES = 4096;
/** glibc gives freed weights back to the system only when large blocks are always mapped on their own. */
const MMAP_THRESHOLD = '131072';

export function createComputer(settings: ComputerSettings): Computer {
  const { program, argument, patience, memoryBytes, ...options } = settings;
  let child: ChildProcess | undefined;
  let stopping = false;
  let lastId = 0;

  const start = (): ChildProcess => {
    if (child?.connected) return child;
    const started = fork(program, [argument], { env: { ...process.env, MALLOC_MMAP_THRESHOLD_: MMAP_THRESHOLD } });
    started.on('error', () => undefined);
    started.send({ options } satisfies ToChild);
    child = started;
    return started;
  };

  const compute = (job: ComputerJob, onProgress?: () => void): Promise<ComputerOutcome> =>
    new Promise((settle) => {
      const running = start();
      const id = ++lastId;
      let rowsSeen = 0;
      let alive = performance.now();
      let reason = 'the process of the model ended by itself';
      const kill = (why: string): void => {
        reason = why;
        running.kill('SIGKILL');
      };
      const watch = setInterval(async () => {
        const resident = await residentBytes(running.pid);
        if (resident > memoryBytes) kill(`the model took more than ${Math.round(memoryBytes / 2 ** 20)} MiB`);
        else if (performance.now() - alive > patience) kill(`the model gave no answer within ${patience} ms`);
      }, WATCH_MILLISECONDS);
      const end = (outcome: ComputerOutcome): void => {
        clearInterval(watch);
        running.off('message', onMessage);
        running.off('exit', onExit);
        settle(outcome);
      };
      const onMessage = (message: FromChild): void => {
        alive = performance.now();
        if (!('id' in message) || message.id !== id) return;
        if ('rows' in message) {
          if (rowsSeen === 0) onProgress?.();
          rowsSeen = message.rows;
        } else if ('outcome' in message) end({ ...message.outcome, rowsSeen });
        else end({ kind: 'broken', reason: message.error, rowsSeen });
      };
      const onExit = (): void => {
        child = undefined;
        end({ kind: 'broken', reason, rowsSeen });
      };
      running.on('message', onMessage);
      running.on('exit', onExit);
      running.send({ id, job } satisfies ToChild, (error) => error && onExit());
      if (stopping) running.send({ stop: true } satisfies ToChild, () => undefined);
    });

  return {
    get pid() {
      return child?.pid;
    },
    compute,
    stop() {
      stopping = true;
      if (child?.connected) child.send({ stop: true } satisfies ToChild, () => undefined);
    },
    async close() {
      const last = child;
      if (!last || last.exitCode !== null || last.signalCode !== null) return;
      await new Promise((resolve) => {
        last.once('exit', resolve);
        if (last.connected) last.disconnect();
        last.kill('SIGKILL');
      });
    },
  };
}

/** 0 where the system does not say. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const pages = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(pages.split(' ')[1] ?? 0) * PAGE_BYTES;
}
