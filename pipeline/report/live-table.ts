import type { LiveRow } from '../release/live.ts';

export interface LiveTable {
  /** Shows the rows: on a terminal in place of what stood there, in a log only those that changed. */
  show(rows: readonly LiveRow[]): void;
  /** Something else was written: the table begins anew below it. */
  interrupt(): void;
}

export interface Screen {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of a terminal. */
  readonly width?: number;
}

/** The table of services that move, as people watch it. */
export function createLiveTable({ write, isTerminal, width = 120 }: Screen): LiveTable {
  let shown = 0;
  const last = new Map<string, string>();
  return {
    show(rows) {
      const column = Math.max(...rows.map(({ service }) => service.length));
      if (isTerminal) {
        // Up to where the table began, and clear from there; a longer line would wrap and count as two.
        const up = shown === 0 ? '' : `\u001b[${shown}A\u001b[0J`;
        write(`${up}${rows.map((row) => `${line(row, column).slice(0, width - 1)}\n`).join('')}`);
        shown = rows.length;
        return;
      }
      for (const row of rows) {
        const said = `${row.state} ${row.detail}`;
        if (row.state === 'waits' || last.get(row.service) === said) continue;
        last.set(row.service, said);
        write(`${line(row, column)}\n`);
      }
    },
    interrupt() {
      shown = 0;
    },
  };
}

const line = ({ service, state, detail, seconds }: LiveRow, column: number): string => {
  const time = state === 'waits' ? '' : `${seconds.toFixed(1)} s`;
  return `${service.padEnd(column)}  ${state.padEnd(6)}  ${time.padStart(7)}  ${detail}`.trimEnd();
};
