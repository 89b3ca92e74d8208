/**
 * How far a file is: an object beside the result, which whoever continues after a kill begins with. It holds what was predicted since the last
 * uploaded part, too, so that even a slow model's work is not done twice. Only one who knows its latest tag can change it: of two that work
 * on the same file, one goes on.
 */
import type { Files } from '../aws/files.ts';
import type { Columns } from './parse.ts';

export interface Position {
  /** Tag of the input, which must not change while it is read. */
  readonly inputTag: string;
  /** Version of the model, which answers all rows of a file. */
  readonly version: string;
  /** Bytes of the input that are done. */
  readonly bytes: number;
  readonly rows: number;
  readonly failed: number;
  readonly columns?: Columns;
  /** Id of the upload and tags of its parts so far. */
  readonly upload?: string;
  readonly parts: readonly string[];
  /** Nothing is left but to make the result from its parts. */
  readonly finished?: boolean;
}

export interface Progress {
  readonly position: Position;
  /** Output that is in no part yet. */
  readonly pending: Buffer;
}

export interface ProgressKeeper {
  /** What an earlier attempt left. */
  read(): Promise<Progress | undefined>;
  /** False when somebody else works on the same file. */
  save(progress: Progress): Promise<boolean>;
  forget(): Promise<void>;
}

const NEWLINE = 10;

export const progressKey = (output: string): string => `${output}.progress`;

export function createProgressKeeper(files: Files, output: string): ProgressKeeper {
  const key = progressKey(output);
  let tag: string | undefined;
  return {
    async read() {
      const found = await files.readTagged(key);
      tag = found?.tag;
      if (!found) return undefined;
      const bytes = Buffer.from(found.bytes);
      const end = bytes.indexOf(NEWLINE);
      return { position: JSON.parse(bytes.toString('utf8', 0, end)) as Position, pending: bytes.subarray(end + 1) };
    },
    async save({ position, pending }) {
      const body = Buffer.concat([Buffer.from(`${JSON.stringify(position)}\n`), pending]);
      const saved = await files.replace(key, body, tag);
      if (saved !== undefined) tag = saved;
      return saved !== undefined;
    },
    forget: () => files.remove(key),
  };
}
