/** Where a command's progress and results go: live text for people, or one JSON object per line. */
export interface Output {
  /** Passing news: on a terminal it replaces the line before, elsewhere it is a line of its own. Not part of --json. */
  progress(text: string): void;
  /** Text that stays, for people only. */
  say(text: string): void;
  /** A result: printed as text for people, as the object with --json. */
  result(value: Readonly<Record<string, unknown>>, text: string): void;
  /** An expected failure: a sentence with the way out. */
  fail(message: string, detail?: Readonly<Record<string, unknown>>): void;
  readonly style: Style;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const paint = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const plain = (text: string): string => text;

export function createOutput(options: {
  json: boolean;
  terminal: Terminal;
  errors: Terminal;
  noColor: boolean;
}): Output {
  const { json, terminal, errors } = options;
  const live = !json && terminal.isTTY === true;
  const style: Style =
    live && !options.noColor
      ? { bold: paint(1), dim: paint(2), good: paint(32), bad: paint(31) }
      : { bold: plain, dim: plain, good: plain, bad: plain };
  let pending = false;
  let last = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (pending) terminal.write('\r\u001b[K');
    pending = false;
  };
  return {
    style,
    progress(text) {
      if (json) return;
      if (!live) {
        // A log file gets one line a second at most, not one for every resource.
        if (performance.now() - last < 1000) return;
        last = performance.now();
        terminal.write(`${text}\n`);
        return;
      }
      clear();
      terminal.write(style.dim(text.slice(0, (terminal.columns ?? 100) - 1)));
      pending = true;
    },
    say(text) {
      if (json) return;
      clear();
      terminal.write(`${text}\n`);
    },
    result(value, text) {
      clear();
      terminal.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
    },
    fail(message, detail = {}) {
      clear();
      if (json) terminal.write(`${JSON.stringify({ ok: false, error: message, ...detail })}\n`);
      else errors.write(`${style.bad('error')} ${message}\n`);
    },
  };
}

/** `812 ms`, `12.3 s`, `2 min 05 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `0 B`, `12.4 kB`, `45.8 MB` (powers of 1000). */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), units.length - 1);
  return power === 0 ? `${count} B` : `${(count / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** A text table: columns as wide as their widest cell, two spaces between. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
