import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Cloud } from '../cloud.ts';
import { type AwsCall, createDispatcher } from './kit/dispatch.ts';
import { createFaults, type Faults } from './kit/faults.ts';
import { isFileBody, sendFile } from './kit/file-body.ts';
import type { AwsResponse } from './kit/protocol.ts';
import { readRequest } from './kit/request.ts';
import type { AwsService } from './kit/service.ts';

export interface AwsServerOptions {
  readonly services: readonly AwsService[];
  /** Imported `@aws-sdk/client-*` modules, one for each service; `awsClients` has all that the local cloud serves. */
  readonly clientModules: readonly object[];
  /** 0 picks a free port. */
  readonly port: number;
  /** Told of every call that comes over the wire before it is answered. */
  onCall?(call: AwsCall): void;
  log: Cloud['log'];
}

export interface AwsServer {
  readonly port: number;
  readonly invoke: Cloud['invoke'];
  /** What its API is told to do wrong. Calls in process (`invoke`) have no faults. */
  readonly faults: Faults;
  /** Stops listening, then stops the services. */
  close(): Promise<void>;
}

const KEEP_ALIVE = 75_000;

/**
 * Serves the given services on one port of 127.0.0.1, as `AWS_ENDPOINT_URL` expects it, and in process through `invoke`.
 * Rejects if the port is taken.
 */
export async function createAwsServer(options: AwsServerOptions): Promise<AwsServer> {
  const faults = createFaults();
  const dispatcher = createDispatcher({ ...options, faults });
  const server = createServer((message, response) => {
    const request = readRequest(message);
    const answered = dispatcher.answer(request).then((answer) => send(response, answer, request.id));
    answered.catch((error: unknown) => {
      options.log({
        source: 'aws',
        message: `response to ${request.method} ${request.path} broke off`,
        error: String(error),
      });
      response.destroy();
    });
  });
  // Large uploads take as long as they take; idle SDK connections outlive the pauses between a deployment's polls.
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE;
  const port = await listen(server, options.port);
  return { port, invoke: dispatcher.invoke, faults, close: () => close(server, options.services) };
}

async function send(response: ServerResponse, answer: AwsResponse, requestId: string): Promise<void> {
  const ids = { 'x-amzn-requestid': requestId, 'x-amz-request-id': requestId };
  response.writeHead(answer.status, { ...ids, ...answer.headers });
  const { body } = answer;
  if (response.req.method === 'HEAD') {
    if (body instanceof Readable) body.destroy();
    response.end();
  } else if (isFileBody(body)) await sendFile(body, response);
  else if (body instanceof Readable) await pipeline(body, response);
  else response.end(body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(server: Server, services: readonly AwsService[]): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
  for (const service of services) await service.stop?.();
}
