import type { Log } from '../log.ts';

export interface LoggedRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** A line per request would cost more than most requests do; metrics count them all. */
const LINES_PER_SECOND = 100;
const SECOND = 1000;

/**
 * Logs requests: all of them up to a hundred a second, then only those that failed on our side. The next line says how many had none.
 * @param now milliseconds of a clock that never goes back
 */
export function createRequestLog(log: Log, now: () => number = () => performance.now()): (one: LoggedRequest) => void {
  let second = 0;
  let lines = 0;
  let unlogged = 0;
  return ({ id, method, path, status, milliseconds }) => {
    const current = Math.floor(now() / SECOND);
    if (current !== second) {
      second = current;
      lines = 0;
    }
    lines += 1;
    if (lines > LINES_PER_SECOND && status < 500) {
      unlogged += 1;
      return;
    }
    const rounded = Math.round(milliseconds * 100) / 100;
    const fields = { request: id, method, path, status, milliseconds: rounded };
    log.info('request', unlogged === 0 ? fields : { ...fields, unlogged });
    unlogged = 0;
  };
}
