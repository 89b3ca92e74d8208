/**
 * The process in which models compute. It is apart from the one that talks to queues, so that a model that hangs stops no heartbeat, and one that
 * takes all memory takes nobody with it.
 */
import { isMainThread } from 'node:worker_threads';
import { createFiles, type Files } from '../aws/files.ts';
import { createObjectStore } from '../aws/objects.ts';
import { createModelFinder, type ModelFinder } from '../model/find.ts';
import { type ReadPieces, readPieces } from './read.ts';
import { createReader, serveReader } from './reader.ts';
import { type TransformJob, type TransformOutcome, transform } from './transform.ts';

export interface ComputerOptions {
  /** Bucket of the files, and what their keys start with; empty outside previews. */
  readonly files: string;
  readonly filesPrefix?: string;
  /** Bucket and prefix of the models. */
  readonly models: string;
  readonly prefix: string;
  /** See TransformSurroundings. */
  readonly saveEvery?: number;
  readonly rowsPerRun?: number;
}

/** What one file is predicted with. */
export interface ComputerJob extends TransformJob {
  /** Empty: nobody's. */
  readonly tenant: string;
  readonly model: string;
  /** Absent: the one that serves when the file is begun. */
  readonly version?: string;
}

export type ToChild =
  | { readonly options: ComputerOptions }
  | { readonly id: number; readonly job: ComputerJob }
  | { readonly stop: true };
export type FromChild =
  | { readonly ready: true }
  | { readonly id: number; readonly rows: number }
  | { readonly id: number; readonly outcome: TransformOutcome }
  | { readonly id: number; readonly error: string };

/** Signs of life no more often than this (ms). */
const REPORT_MILLISECONDS = 250;

/** Files up to this size are read sooner than a thread is there. */
const SMALL_BYTES = 4 * 2 ** 20;

interface Tools {
  readonly files: Files;
  readonly read: ReadPieces;
  readonly finder: ModelFinder;
  readonly options: ComputerOptions;
}

/** Answers jobs one after the other until the parent is gone. */
export async function computeForParent(): Promise<void> {
  if (!isMainThread) return serveReader();
  const stopping = new AbortController();
  let tools: Tools | undefined;
  let queue = Promise.resolve();
  // Nobody listens any more when the parent was killed.
  const say = (message: FromChild): void => void process.send?.(message, undefined, undefined, () => undefined);
  process.on('message', (message: ToChild) => {
    if ('stop' in message) stopping.abort();
    else if ('options' in message) tools = createTools(message.options);
    else if (tools) {
      const { id, job } = message;
      const present = tools;
      queue = queue.then(() => answer(present, { id, job, stopping: stopping.signal, say }));
    }
  });
  // Signals are the parent's business; both get them when somebody presses Ctrl-C.
  process.on('SIGTERM', () => undefined);
  process.on('SIGINT', () => undefined);
  const gone = new Promise((resolve) => process.once('disconnect', resolve));
  say({ ready: true });
  await gone;
  process.exit(0);
}

function createTools(options: ComputerOptions): Tools {
  const finder = createModelFinder(createObjectStore(options.models), options.prefix);
  const files = createFiles(options.files, options.filesPrefix);
  const [, program = '', argument = ''] = process.argv;
  const readElsewhere = createReader(program, argument, options);
  const read: ReadPieces = (request) =>
    request.bytes - request.start > SMALL_BYTES ? readElsewhere(request) : readPieces(files, request);
  return { files, read, finder, options };
}

interface Asked {
  readonly id: number;
  readonly job: ComputerJob;
  readonly stopping: AbortSignal;
  readonly say: (message: FromChild) => void;
}

async function answer({ files, read, finder, options }: Tools, { id, job, stopping, say }: Asked): Promise<void> {
  const { tenant, model, version: wanted } = job;
  const { saveEvery, rowsPerRun } = options;
  let reported = 0;
  try {
    const outcome = await transform(job, {
      files,
      read,
      stopping,
      ...(saveEvery !== undefined && { saveEvery }),
      ...(rowsPerRun !== undefined && { rowsPerRun }),
      findModel(begun) {
        const version = begun ?? wanted;
        return finder.find({ tenant, name: model, ...(version !== undefined && { version }) });
      },
      onProgress(rows) {
        if (performance.now() - reported < REPORT_MILLISECONDS) return;
        reported = performance.now();
        say({ id, rows });
      },
    });
    say({ id, outcome });
  } catch (error) {
    say({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
}
