/** The server's side of one runner: starts its process, talks to it, and ends it when it hangs or takes too much memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import type { Duplex } from 'node:stream';
import { CHANNEL } from './child.ts';
import { createFrameReader, encodeFrame, type Reply, type Request } from './protocol.ts';

export interface RunnerLimits {
  /** A call that takes longer hangs. */
  readonly milliseconds: number;
  /** Memory that the process may have. */
  readonly bytes: number;
}

export interface RunnerCommand {
  /** What `node` is started with so that it calls `runModels`. */
  readonly arguments: readonly string[];
}

const BY_ITSELF = 'its process ended by itself';

/** Something inside the model: it answered with an error. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
}

/** The process ended during the call. `guilty` says whether this call was the one that it worked on. */
export class RunnerEnded extends Error {
  override readonly name = 'RunnerEnded';
  readonly guilty: boolean;
  /** Nobody here ended it: the model may have, or somebody else. */
  readonly byItself: boolean;

  constructor(reason: string, guilty: boolean) {
    super(reason);
    this.guilty = guilty;
    this.byItself = reason === BY_ITSELF;
  }
}

export interface RunnerProcess {
  readonly pid: number | undefined;
  readonly ended: boolean;
  call(request: RequestBody, parts?: readonly Uint8Array[]): Promise<{ readonly reply: Reply; readonly bytes: Buffer }>;
  /** Ends it and waits until it is gone. */
  end(): Promise<void>;
}

type WithoutId<One> = One extends unknown ? Omit<One, 'id'> : never;
export type RequestBody = WithoutId<Request>;

interface Pending {
  readonly resolve: (answer: { reply: Reply; bytes: Buffer }) => void;
  readonly reject: (error: Error) => void;
}

/** What loading the program may take on a machine that has much else to do. */
const START_MILLISECONDS = 30_000;
/** On a machine that is busy with other things a call may take this many times its limit, as long as it does not compute. */
const PATIENCE = 6;
const WATCH_MILLISECONDS = 100;
/** glibc gives freed weights back to the system only when large blocks are always mapped on their own; in large pages that costs a third less. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '131072', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' } as const;
/** Threads that collect garbage compete with the server for processors; here is little to collect, and nobody who minds a pause. */
const V8_FLAGS = ['--single-threaded-gc'] as const;
const PAGE_BYTES = 4096;
/** A nice value: about a tenth of what the server gets when both want a processor. It can never be taken back, so it is no larger. */
const PRIORITY = 10;
const MILLISECONDS_PER_TICK = 10;

export function startRunner({ arguments: list }: RunnerCommand, limits: RunnerLimits): RunnerProcess {
  const child = spawn(process.execPath, [...V8_FLAGS, ...list], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...process.env, ...MALLOC },
  });
  yieldToServer(child);
  const started = performance.now();
  const channel = child.stdio[CHANNEL] as Duplex;
  /** In the order in which the process works on them. */
  const pending = new Map<number, Pending>();
  let lastId = 0;
  /** When it began what it works on; infinite while its program still starts. */
  let begun = Number.POSITIVE_INFINITY;
  /** Processor time that it had used at the first look after that. */
  let usedBefore: number | undefined;
  let reason = BY_ITSELF;
  let ended = false;

  const begin = (): void => {
    begun = performance.now();
    usedBefore = undefined;
  };
  const kill = (why: string): void => {
    reason = why;
    child.kill('SIGKILL');
  };
  const watch = setInterval(() => void check(), WATCH_MILLISECONDS).unref();
  const check = async (): Promise<void> => {
    if (pending.size === 0) return;
    const elapsed = performance.now() - begun;
    const [used, resident] = await Promise.all([processorMilliseconds(child), residentBytes(child)]);
    usedBefore ??= used;
    if (begun === Number.POSITIVE_INFINITY && performance.now() - started > START_MILLISECONDS) kill('did not start');
    else if (resident > limits.bytes) kill(`took more than ${Math.round(limits.bytes / 2 ** 20)} MiB`);
    else if (
      elapsed > limits.milliseconds &&
      (used - usedBefore > limits.milliseconds / 2 || elapsed > PATIENCE * limits.milliseconds)
    )
      kill(`gave no answer within ${limits.milliseconds} ms`);
  };
  channel.on(
    'data',
    createFrameReader<Reply>((reply, bytes) => {
      begin();
      const call = pending.get(reply.id);
      pending.delete(reply.id);
      if (reply.error === undefined) call?.resolve({ reply, bytes });
      else call?.reject(new CallFailed(reply.error));
    }),
  );
  channel.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => {
    const onEnd = (): void => {
      ended = true;
      clearInterval(watch);
      let guilty = true;
      for (const { reject } of pending.values()) {
        reject(new RunnerEnded(reason, guilty));
        guilty = false;
      }
      pending.clear();
      resolve();
    };
    child.once('exit', onEnd);
    child.once('error', (error) => {
      reason = error.message;
      onEnd();
    });
  });

  return {
    pid: child.pid,
    get ended() {
      return ended;
    },
    call(request, parts) {
      if (ended) return Promise.reject(new RunnerEnded(reason, false));
      if (pending.size === 0 && begun !== Number.POSITIVE_INFINITY) begin();
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        channel.write(encodeFrame({ id, ...request } as Request, parts));
      });
    },
    end() {
      if (!ended) kill('was ended');
      return gone;
    },
  };
}

/** Where processors are scarce, the server that answers everybody goes before the models of some. */
function yieldToServer({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, PRIORITY);
  } catch {
    // It ended already, or the system does not let us.
  }
}

/** 0 where the system does not say. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const pages = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(pages.split(' ')[1] ?? 0) * PAGE_BYTES;
}

async function processorMilliseconds({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MILLISECONDS_PER_TICK;
}
