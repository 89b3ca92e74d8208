import type { Log } from '../log.ts';

/** Milliseconds. */
export interface ColdStart {
  /** From the start of the process until our code ran: the image's files, Node, the imports. */
  readonly init: number;
  /** Loading the models. */
  readonly load: number;
  /** The first answer of a model, which is slower than all others. */
  readonly firstRun: number;
}

/** A line that a deployment reads back to compare a release with the one before: see pipeline/report/cold-start.ts. */
export function logColdStart(log: Log, { init, load, firstRun }: ColdStart): void {
  const rounded = (value: number): number => Math.round(value * 10) / 10;
  log.info('cold start', { init: rounded(init), load: rounded(load), firstRun: rounded(firstRun) });
}
