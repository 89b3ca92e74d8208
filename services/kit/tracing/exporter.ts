import type { Log } from '../log.ts';
import { type Credentials, signedHeaders } from './sign.ts';

export interface ExporterOptions {
  /** Such as `https://xray.us-east-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly log: Log;
}

export interface Exporter {
  /** Never throws and never waits; what does not fit is dropped. */
  add(segment: object): void;
  /** Sends what has been added. Never throws. */
  flush(): Promise<void>;
}

/** What one call of PutTraceSegments takes. */
const BATCH = 50;
/** Some seconds' worth; traces are not worth memory. */
const MOST = 500;
const TIMEOUT_MILLISECONDS = 5_000;

/** Sends segments to X-Ray without a daemon or a collector beside the service. */
export function createExporter({ endpoint, region, credentials, log }: ExporterOptions): Exporter {
  const waiting: object[] = [];
  let lastProblem = '';
  const url = new URL('/TraceSegments', endpoint);
  const send = async (segments: readonly object[]): Promise<void> => {
    const body = JSON.stringify({ TraceSegmentDocuments: segments.map((segment) => JSON.stringify(segment)) });
    const unsigned = { url, body, region, service: 'xray', at: new Date() };
    const { host: _, ...headers } = signedHeaders(unsigned, await credentials());
    const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    const answer = await fetch(url, { method: 'POST', headers, body, signal });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`X-Ray answered ${answer.status}: ${text.slice(0, 200)}`);
  };
  return {
    add(segment) {
      if (waiting.length < MOST) waiting.push(segment);
    },
    async flush() {
      while (waiting.length > 0) {
        const batch = waiting.splice(0, BATCH);
        const problem = await send(batch).then(
          () => '',
          (error: unknown) => String(error instanceof Error ? error.message : error),
        );
        // Once, not every few seconds.
        if (problem !== '' && problem !== lastProblem) log.warn('traces are not sent', { problem });
        lastProblem = problem;
        if (problem !== '') return;
      }
    },
  };
}
