import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a control method is given besides its parameters. */
export interface CallContext {
  /** Sends progress to the caller. */
  emit(event: Readonly<Record<string, unknown>>): void;
  /** Aborted when the caller goes away: long work stops. */
  readonly signal: AbortSignal;
}

export type Method = (parameters: Readonly<Record<string, unknown>>, context: CallContext) => Promise<unknown>;

/** An expected failure: the sentence is for the person at the command line. */
export class CallRefused extends Error {}

export interface Control {
  /** Refuses new calls, aborts those under way and waits for them: what they do is undone or saved before anything is taken from under them. */
  close(): Promise<void>;
}

/** Longer than a cancelled run takes: its steps are stopped within 10 s, then what they left is undone. */
const PATIENCE = 45_000;

/**
 * The local cloud's own door, for the command line: `POST /<method>` with a JSON object and the token; the answer is a stream of lines,
 * `{"event": ...}` while it works and at last `{"result": ...}` or `{"error": ...}`.
 */
export async function startControl(options: {
  port: number;
  token: string;
  methods: Readonly<Record<string, Method>>;
  onCall(): void;
  /** Milliseconds that closing waits for calls under way. */
  patience?: number;
}): Promise<Control> {
  const calls = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const call = serve(request, response, options).finally(() => calls.delete(call));
    calls.add(call);
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await Promise.race([Promise.all(calls), sleep(options.patience ?? PATIENCE, undefined, { ref: false })]);
    },
  };
}

type Options = Parameters<typeof startControl>[0];

async function serve(request: IncomingMessage, response: ServerResponse, options: Options): Promise<void> {
  options.onCall();
  const name = (request.url ?? '/').slice(1);
  const method = Object.hasOwn(options.methods, name) ? options.methods[name] : undefined;
  if (!isAllowed(request, options.token))
    return end(response, 403, { error: 'The token does not match this local cloud' });
  if (!method) return end(response, 404, { error: `The local cloud has no method ${name}` });
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const line = (value: object): void => {
    if (!response.writableEnded && !response.destroyed) response.write(`${JSON.stringify(value)}\n`);
  };
  try {
    const parameters = await readParameters(request);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    const result = await method(parameters, { emit: (event) => line({ event }), signal: abort.signal });
    line({ result: result ?? null });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    line(
      error instanceof CallRefused
        ? { error: message }
        : { error: message, bug: error instanceof Error ? error.stack : '' },
    );
  } finally {
    response.end();
  }
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(String(request.headers['authorization'] ?? ''));
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readParameters(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function end(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
