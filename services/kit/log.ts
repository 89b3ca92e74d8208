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
  const who = JSON.stringify(identity).slice(1, -1);
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: Fields = {}) => {
      const rest = JSON.stringify(fields, isFlat(fields) ? undefined : replaceErrors).slice(1, -1);
      const line = `{"time":"${new Date().toISOString()}","level":"${level}","message":${JSON.stringify(message)},${who}`;
      write(rest === '' ? `${line}}` : `${line},${rest}}`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Lines of one turn of the event loop leave in one write: a write blocks, and under load there are hundreds per turn. */
let waiting = '';

function writeLine(line: string): void {
  if (waiting === '') setImmediate(writeWaiting);
  waiting += `${line}\n`;
}

function writeWaiting(): void {
  const lines = waiting;
  waiting = '';
  if (lines !== '') process.stdout.write(lines);
}

process.on('exit', writeWaiting);

/** A replacer is called for every field of every line; most lines need none. */
function isFlat(fields: Fields): boolean {
  for (const name in fields) {
    const type = typeof fields[name];
    if (type === 'object' || type === 'bigint') return false;
  }
  return true;
}

/** JSON.stringify turns an Error into `{}` and refuses a bigint. */
function replaceErrors(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause !== undefined && { cause }) };
}
