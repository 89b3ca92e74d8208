import { request } from 'node:http';
import { createInterface } from 'node:readline';

export type CallResult<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly message: string; readonly bug?: string };

export interface CallOptions {
  onEvent?(event: Readonly<Record<string, unknown>>): void;
  signal?: AbortSignal;
}

/** The command line's side of the control port; see control.ts. */
export interface CloudClient {
  call<Result>(method: string, parameters?: object, options?: CallOptions): Promise<CallResult<Result>>;
}

export function createClient(address: { port: number; token: string }): CloudClient {
  return {
    call: <Result>(method: string, parameters: object = {}, options: CallOptions = {}) =>
      new Promise<CallResult<Result>>((resolve) => {
        const outgoing = request({
          host: '127.0.0.1',
          port: address.port,
          method: 'POST',
          path: `/${method}`,
          headers: { authorization: `Bearer ${address.token}`, 'content-type': 'application/json' },
          ...(options.signal ? { signal: options.signal } : {}),
        });
        let answer: CallResult<Result> = {
          ok: false,
          message: 'The local cloud went away. See: npm run local -- status',
        };
        outgoing.on('error', (error) =>
          resolve(options.signal?.aborted ? { ok: false, message: 'Cancelled' } : failed(error, answer)),
        );
        outgoing.on('response', (response) => {
          const lines = createInterface({ input: response });
          lines.on('line', (line) => {
            const message = JSON.parse(line) as Line<Result>;
            if (message.event) options.onEvent?.(message.event);
            else if (message.error !== undefined) answer = refusal(message);
            else answer = { ok: true, value: message.result as Result };
          });
          const finish = (): void => resolve(options.signal?.aborted ? { ok: false, message: 'Cancelled' } : answer);
          lines.on('close', finish);
          lines.on('error', finish);
          response.on('error', finish);
        });
        outgoing.end(JSON.stringify(parameters));
      }),
  };
}

interface Line<Result> {
  readonly event?: Readonly<Record<string, unknown>>;
  readonly result?: Result;
  readonly error?: string;
  readonly bug?: string;
}

function refusal(line: Line<unknown>): { ok: false; message: string; bug?: string } {
  return { ok: false, message: line.error ?? '', ...(line.bug ? { bug: line.bug } : {}) };
}

function failed<Result>(error: Error, answer: CallResult<Result>): CallResult<Result> {
  const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  return refused
    ? { ok: false, message: 'The local cloud is not running. Start it with: npm run local -- up' }
    : answer;
}
