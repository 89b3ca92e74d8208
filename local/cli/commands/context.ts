import type { Output } from '../output.ts';

/** What every command is given. */
export interface CommandContext {
  /** The repository. */
  readonly root: string;
  /** Folder of the local cloud. */
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
