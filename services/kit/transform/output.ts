/** The result of a file while it is made: what was predicted lately in memory, the rest in parts of an upload that nobody sees before it is whole. */
import type { Files, Upload } from '../aws/files.ts';
import type { Position, Progress, ProgressKeeper } from './progress.ts';

/** S3 takes parts from 5 MiB up, and 10,000 of them. */
export const PART_BYTES = 8 * 2 ** 20;

/** Somebody else works on the same file and is further. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

export interface Output {
  readonly position: Position;
  /** @throws Overtaken */
  add(bytes: Buffer, position: Partial<Position>): Promise<void>;
  /** Makes what was done so far last. @throws Overtaken */
  save(): Promise<void>;
  /** Makes the result appear. @throws Overtaken */
  finish(): Promise<void>;
}

interface OutputOptions {
  readonly files: Files;
  readonly key: string;
  readonly contentType: string;
  readonly keeper: ProgressKeeper;
  readonly begin: Progress;
  /** Something was saved already. */
  readonly resumed: boolean;
  /** Milliseconds of work that a kill may cost. */
  readonly saveEvery: number;
  readonly now: () => number;
  readonly partBytes?: number;
}

export function createOutput(options: OutputOptions): Output {
  const { files, key, contentType, keeper, now, partBytes = PART_BYTES } = options;
  let position = options.begin.position;
  let pending: Buffer[] = options.begin.pending.length > 0 ? [options.begin.pending] : [];
  let pendingBytes = options.begin.pending.length;
  let savedAt = now();
  let saved = options.resumed;

  const save = async (): Promise<void> => {
    if (!(await keeper.save({ position, pending: Buffer.concat(pending) }))) throw new Overtaken(key);
    savedAt = now();
    saved = true;
  };
  const uploadOf = (id: string): Upload => ({ key, id });
  const uploadPart = async (): Promise<void> => {
    const id = position.upload ?? (await files.beginUpload(key, contentType)).id;
    const tag = await files.uploadPart(uploadOf(id), position.parts.length + 1, Buffer.concat(pending));
    if (tag === undefined) throw new Overtaken(key);
    position = { ...position, upload: id, parts: [...position.parts, tag] };
    pending = [];
    pendingBytes = 0;
  };

  return {
    get position() {
      return position;
    },
    async add(bytes, change) {
      pending.push(bytes);
      pendingBytes += bytes.length;
      position = { ...position, ...change };
      if (pendingBytes >= partBytes) await uploadPart();
      else if (now() - savedAt < options.saveEvery) return;
      await save();
    },
    save,
    async finish() {
      const { rows, failed, version } = position;
      if (position.upload === undefined) {
        const metadata = { rows: String(rows), failed: String(failed), version };
        await files.create(key, Buffer.concat(pending), { contentType, metadata });
      } else {
        if (pendingBytes > 0) await uploadPart();
        position = { ...position, finished: true };
        // Saved first: after a kill between the two nobody could tell the counts from the result.
        await save();
        if (position.upload !== undefined) await files.completeUpload(uploadOf(position.upload), position.parts);
      }
      if (!(await files.describe(key))) throw new Overtaken(key);
      if (saved && position.upload === undefined) await keeper.forget();
    },
  };
}
