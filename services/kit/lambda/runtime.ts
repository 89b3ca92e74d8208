/**
 * The loop of a Lambda custom runtime: fetch the next invocation, handle it, post the result.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { Agent, request } from 'node:http';
import { isRecord } from '../result.ts';

export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  /** Milliseconds since 1970 at which Lambda stops the invocation. */
  readonly deadline: number;
}

export interface RuntimeOptions {
  /** AWS_LAMBDA_RUNTIME_API: host and port. */
  readonly api: string;
  readonly handle: (invocation: Invocation) => Promise<unknown>;
  /** Told about what `handle` threw, before Lambda is. Lambda freezes the process once it has the answer. */
  readonly onError: (error: unknown, invocation: Invocation) => Promise<void>;
  readonly stopping: AbortSignal;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const VERSION = '2018-06-01';

/** Serves invocations one after the other until `stopping`. @throws when the runtime API cannot be reached */
export async function runLambda({ api, handle, onError, stopping }: RuntimeOptions): Promise<void> {
  const call = createCaller(api);
  while (!stopping.aborted) {
    const next = await call('GET', 'runtime/invocation/next', undefined, stopping).catch((error: unknown) => {
      if (stopping.aborted) return undefined;
      throw error;
    });
    if (!next) return;
    const invocation = readInvocation(next);
    try {
      const result = await handle(invocation);
      await call('POST', `runtime/invocation/${invocation.id}/response`, result);
    } catch (error) {
      await onError(error, invocation);
      await call('POST', `runtime/invocation/${invocation.id}/error`, describeError(error));
    }
  }
}

/** Tells Lambda that the function could not start. */
export async function reportInitError(api: string, error: unknown): Promise<void> {
  await createCaller(api)('POST', 'runtime/init/error', describeError(error));
}

function readInvocation({ status, headers, body }: Reply): Invocation {
  const id = headers['lambda-runtime-aws-request-id'];
  if (status !== 200 || typeof id !== 'string')
    throw new Error(`the runtime API answered ${status}: ${body.slice(0, 200)}`);
  return { id, event: JSON.parse(body), deadline: Number(headers['lambda-runtime-deadline-ms'] ?? 0) };
}

function describeError(error: unknown): { errorType: string; errorMessage: string; stackTrace: string[] } {
  if (!(error instanceof Error)) return { errorType: 'Error', errorMessage: String(error), stackTrace: [] };
  return { errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split('\n').slice(1) ?? [] };
}

/** Plain node:http: fetch gives up after five minutes, but `next` waits for as long as nobody calls the function. */
function createCaller(api: string) {
  const agent = new Agent({ keepAlive: true });
  return (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const failed = isRecord(body) && 'errorType' in body ? { 'lambda-runtime-function-error-type': 'Unhandled' } : {};
      const headers = { 'content-type': 'application/json', ...failed };
      const url = `http://${api}/${VERSION}/${path}`;
      const outgoing = request(url, { method, agent, headers, ...(signal && { signal }) }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
