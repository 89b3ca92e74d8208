/** How long a function takes to start: read from its log, compared with the release before. */

/** Milliseconds. What nobody said is undefined. */
export interface ColdStart {
  /** From the start of the process until the service's own code ran. */
  readonly init: number;
  /** Loading the models. */
  readonly load: number;
  /** The first answer of a model. */
  readonly firstRun: number;
  /** What Lambda itself bills as initialisation. */
  readonly lambda?: number;
}

/** Slower than the release before by more than this, and not by a few milliseconds, is worth a line. */
const NOTICEABLE = { share: 1.25, milliseconds: 50 } as const;
const INIT_DURATION = /Init Duration: ([\d.]+) ms/;

/**
 * The newest cold start that the lines of a function's log tell of: the service's own line `cold start` (services/kit/lambda/cold-start.ts) and the
 * REPORT line of Lambda. Undefined when there is none.
 * @param lines oldest first
 */
export function readColdStart(lines: readonly string[]): ColdStart | undefined {
  const own = lines.map(parse).findLast((one) => one !== undefined);
  if (own === undefined) return undefined;
  const reported = lines.map((line) => INIT_DURATION.exec(line)?.[1]).findLast((one) => one !== undefined);
  return reported === undefined ? own : { ...own, lambda: Number(reported) };
}

function parse(line: string): ColdStart | undefined {
  if (!line.includes('"cold start"')) return undefined;
  try {
    const { message, init, load, firstRun } = JSON.parse(line) as Record<string, unknown>;
    const numbers = [init, load, firstRun].every((value) => typeof value === 'number');
    return message === 'cold start' && numbers ? ({ init, load, firstRun } as ColdStart) : undefined;
  } catch {
    return undefined;
  }
}

export interface Comparison {
  /** One line for a report. */
  readonly text: string;
  readonly slower: boolean;
}

/** @param before absent: this is the first release, or its log is gone */
export function compareColdStarts(service: string, now: ColdStart, before?: ColdStart): Comparison {
  const text = `${service} starts cold in ${show(total(now))} (init ${show(now.init)}, load ${show(now.load)}, first run ${show(now.firstRun)})`;
  if (before === undefined) return { text, slower: false };
  const [current, earlier] = [total(now), total(before)];
  const slower = current > earlier * NOTICEABLE.share && current - earlier > NOTICEABLE.milliseconds;
  return { text: `${text}; the release before: ${show(earlier)}${slower ? ' - slower' : ''}`, slower };
}

const total = ({ init, load, firstRun, lambda }: ColdStart): number => lambda ?? init + load + firstRun;

const show = (milliseconds: number): string => `${Math.round(milliseconds)} ms`;
