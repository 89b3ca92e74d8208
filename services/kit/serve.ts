/** A web service from start to end: listen, serve until told to stop, drain. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './http/app.ts';
import type { Route } from './http/router.ts';
import { startServer } from './http/server.ts';
import type { Context } from './run.ts';
import { startTracing } from './tracing/start.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly maximumBodyBytes: number;
  readonly routes: readonly Route[];
}

/** A load balancer that has not heard yet still sends requests; they are served in this time. */
const NOTICE_MILLISECONDS = 300;
const DRAIN_MILLISECONDS = 20_000;

/** Resolves when the last request has been answered after a stop. */
export async function serve(context: Context, options: ServeOptions): Promise<void> {
  const { identity, log, reporter, stopping } = context;
  const { routes, host, port, maximumBodyBytes } = options;
  const { app, flush } = startTracing(createApp({ routes, identity, log, reporter }), context);
  const server = await startServer({ app, host, port, maximumBodyBytes });
  log.info('listening', { host, port: server.port });
  if (!stopping.aborted) await once(stopping, 'abort');
  server.startDraining();
  await sleep(NOTICE_MILLISECONDS);
  await server.stop(DRAIN_MILLISECONDS);
  await flush();
  log.info('stopped');
}
