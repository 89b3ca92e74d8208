/** Logging: one JSON object per line on standard output, which is what CloudWatch Logs Insights reads without a parser. */
import type { Identity } from './config.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** @param write takes one line without its end; tests pass a list's `push` */
export function createLog(identity: Identity, write: (line: string) => void = writeLine): Log {
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: Fields = {}) =>
      write(JSON.stringify({ time: new Date().toISOString(), level, message, ...identity, ...fields }, replaceErrors));
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** JSON.stringify turns an Error into `{}` and refuses a bigint. */
function replaceErrors(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause !== undefined && { cause }) };
}
