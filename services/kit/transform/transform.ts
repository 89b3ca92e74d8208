/**
 * Predicts a file of rows into another one, in memory that does not grow with either. It may be killed at any moment: who calls it again with the same
 * job goes on where it was. The result appears when it is whole, once, and has one answer or one error for each row.
 */
import type { Files } from '../aws/files.ts';
import type { Model } from '../model/session.ts';
import type { Result } from '../result.ts';
import { type Format, findFormatProblem, LARGEST_INPUT_BYTES, outputContentType } from './format.ts';
import { createOutput, type Output, Overtaken } from './output.ts';
import { predictPieces } from './pieces.ts';
import { createProgressKeeper, type Progress, type ProgressKeeper } from './progress.ts';
import type { ReadPieces } from './read.ts';
import { Unreadable } from './split.ts';

export interface TransformJob {
  /** Keys in the bucket of `files`. */
  readonly input: string;
  readonly output: string;
  readonly format: Format;
}

export interface TransformSurroundings {
  readonly files: Files;
  /** @param version the one that an earlier attempt used; absent: the one that serves */
  findModel(version: string | undefined): Promise<Result<Model>>;
  /** Who reads the file; absent: this thread. */
  readonly read?: ReadPieces;
  readonly stopping: AbortSignal;
  /** Called after each run with the rows so far. */
  onProgress?(rows: number): void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly saveEvery?: number;
  readonly rowsPerRun?: number;
  readonly partBytes?: number;
}

export type TransformOutcome =
  | { readonly kind: 'done'; readonly rows: number; readonly failed: number; readonly version: string }
  /** Nothing can be predicted, now or later. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Another file lies there than the one that an earlier attempt began. */
  | { readonly kind: 'changed' }
  /** Told to stop; what was done is kept. */
  | { readonly kind: 'stopped' }
  /** Somebody else works on the same file. */
  | { readonly kind: 'overtaken' };

const SAVE_MILLISECONDS = 5_000;

/** @throws when the store does not answer; call it again later */
export async function transform(job: TransformJob, surroundings: TransformSurroundings): Promise<TransformOutcome> {
  const { files } = surroundings;
  const keeper = createProgressKeeper(files, job.output);
  const earlier = await keeper.read();
  const made = await files.describe(job.output);
  if (made) return countsOf(made.metadata, earlier);
  const input = await files.describe(job.input);
  if (!input) return refused('the file does not exist');
  if (input.bytes > LARGEST_INPUT_BYTES)
    return refused(`the file has ${input.bytes} bytes, at most ${LARGEST_INPUT_BYTES} are taken`);
  if (earlier && earlier.position.inputTag !== input.tag) return { kind: 'changed' };
  const model = await surroundings.findModel(earlier?.position.version);
  if (!model.ok) return refused(model.error);
  const problem = findFormatProblem(model.value.description, job.format);
  if (problem !== undefined) return refused(problem);
  const begin = earlier ?? start(input.tag, model.value.description.version);
  const output = openOutput(job, surroundings, { keeper, begin, resumed: earlier !== undefined });
  try {
    return await work({ job, surroundings, model: model.value, output, bytes: input.bytes });
  } catch (error) {
    if (error instanceof Overtaken) return { kind: 'overtaken' };
    if (error instanceof Unreadable) return refused(error.message);
    throw error;
  }
}

/** What a finished result no longer needs. */
export const forgetProgress = (files: Files, output: string): Promise<void> =>
  createProgressKeeper(files, output).forget();

const refused = (reason: string): TransformOutcome => ({ kind: 'refused', reason });

const start = (inputTag: string, version: string): Progress => ({
  position: { inputTag, version, bytes: 0, rows: 0, failed: 0, parts: [] },
  pending: Buffer.alloc(0),
});

/** The counts are in the result itself, or in what was saved right before it appeared. */
function countsOf(metadata: Readonly<Record<string, string>>, earlier: Progress | undefined): TransformOutcome {
  const { rows = earlier?.position.rows ?? 0, failed = earlier?.position.failed ?? 0 } = metadata;
  const version = metadata['version'] ?? earlier?.position.version ?? '';
  return { kind: 'done', rows: Number(rows), failed: Number(failed), version };
}

function openOutput(
  job: TransformJob,
  surroundings: TransformSurroundings,
  begun: { readonly keeper: ProgressKeeper; readonly begin: Progress; readonly resumed: boolean },
): Output {
  const { files, now = () => performance.now(), saveEvery = SAVE_MILLISECONDS, partBytes } = surroundings;
  const contentType = outputContentType(job.format);
  return createOutput({
    files,
    key: job.output,
    contentType,
    now,
    saveEvery,
    ...begun,
    ...(partBytes && { partBytes }),
  });
}

export interface Work {
  readonly job: TransformJob;
  readonly surroundings: TransformSurroundings;
  readonly model: Model;
  readonly output: Output;
  /** Of the input. */
  readonly bytes: number;
}

async function work(all: Work): Promise<TransformOutcome> {
  const { surroundings, output } = all;
  if (!output.position.finished)
    for await (const { predicted, end, columns } of predictPieces(all)) {
      const { rows, failed } = output.position;
      const counts = { rows: rows + predicted.rows, failed: failed + predicted.failed };
      await output.add(predicted.bytes, { bytes: end, ...counts, ...(columns && { columns }) });
      surroundings.onProgress?.(counts.rows);
      if (surroundings.stopping.aborted) {
        await output.save();
        return { kind: 'stopped' };
      }
    }
  if (output.position.rows === 0) return refused('the file has no rows');
  await output.finish();
  const { rows, failed, version } = output.position;
  return { kind: 'done', rows, failed, version };
}
