/** One measurement. With a peer, `ratio` is theirs / ours: above 1 we are faster. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  readonly unit: 'ms' | 's' | 'bytes' | 'requests/s' | 'rows/s' | 'rules' | 'dollars' | 'calls';
  readonly ours: number;
  readonly peer?: string;
  readonly theirs?: number;
  readonly ratio?: number;
}

/** What whoever reads the rows should know: what could not be measured, and why. */
export interface Note {
  readonly bench: string;
  readonly note: string;
}

/** Yields rows as they are measured; throws when what it measures does not work. @param part absent: all of it */
export type Benchmark = (part?: string) => AsyncGenerator<Row | Note>;

export function compared(row: Omit<Row, 'ratio'> & { readonly theirs: number }): Row {
  return { ...row, ratio: Math.round((row.theirs / row.ours) * 10) / 10 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('There is no median of nothing');
  return middle;
}
