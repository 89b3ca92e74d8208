/** A Lambda function from start to end: behind a load balancer, or called with events. */
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

export interface EventOptions {
  readonly api: string;
  /** Everything that is slow; done once per environment, before the first invocation. Resolves to what answers events. */
  readonly start: () => Promise<(event: unknown) => Promise<unknown>>;
}

/** Resolves when the process is told to stop. @throws what `start` throws, after Lambda has been told */
export function serveLoadBalancer(context: Context, { api, start, before }: LoadBalancerOptions): Promise<void> {
  return serveEvents(context, {
    api,
    start: async () => {
      const app = await start();
      return async (event) => {
        const request = readAlbEvent(event);
        if (!request.ok) throw new Error(request.error);
        await before?.();
        return toAlbResponse(await app(request.value));
      };
    },
  });
}

/** Resolves when the process is told to stop. @throws what `start` throws, after Lambda has been told */
export async function serveEvents({ log, reporter, stopping }: Context, { api, start }: EventOptions): Promise<void> {
  const answerTo = await start().catch(async (error: unknown) => {
    await reportInitError(api, error);
    throw error;
  });
  await runLambda({
    api,
    stopping,
    async handle({ event }) {
      const answer = await answerTo(event);
      await reporter.flush(FLUSH_MILLISECONDS);
      return answer;
    },
    async onError(error, { id }) {
      log.error('invocation failed', { invocation: id, error });
      reporter.capture(error, { invocation: id });
      await reporter.flush(FLUSH_MILLISECONDS);
    },
  });
}
