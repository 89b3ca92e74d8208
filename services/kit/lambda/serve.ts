/** A Lambda function behind a load balancer from start to end. */
import type { App } from '../http/app.ts';
import type { Context } from '../run.ts';
import { readAlbEvent, toAlbResponse } from './alb.ts';
import { reportInitError, runLambda } from './runtime.ts';

export interface LoadBalancerOptions {
  /** AWS_LAMBDA_RUNTIME_API: host and port. */
  readonly api: string;
  /** Everything that is slow; done once per environment, before the first invocation. */
  readonly start: () => Promise<App>;
  /** Done before each invocation, because nothing runs between them. It must not throw. */
  readonly before?: () => Promise<void>;
}

const FLUSH_MILLISECONDS = 1_000;

/** Resolves when the process is told to stop. @throws what `start` throws, after Lambda has been told */
export async function serveLoadBalancer(
  { log, reporter, stopping }: Context,
  { api, start, before }: LoadBalancerOptions,
): Promise<void> {
  const app = await start().catch(async (error: unknown) => {
    await reportInitError(api, error);
    throw error;
  });
  await runLambda({
    api,
    stopping,
    async handle({ event }) {
      const request = readAlbEvent(event);
      if (!request.ok) throw new Error(request.error);
      await before?.();
      const answer = await app(request.value);
      await reporter.flush(FLUSH_MILLISECONDS);
      return toAlbResponse(answer);
    },
    async onError(error, { id }) {
      log.error('invocation failed', { invocation: id, error });
      reporter.capture(error, { invocation: id });
      await reporter.flush(FLUSH_MILLISECONDS);
    },
  });
}
