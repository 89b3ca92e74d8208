import type { Environment } from '../config.ts';
import { optionalText, readConfig, text } from '../config.ts';
import type { App } from '../http/app.ts';
import type { Context } from '../run.ts';
import { containerCredentials } from './credentials.ts';
import { createExporter } from './exporter.ts';
import { traced } from './trace.ts';

/** An application, and how to send what has been traced of it. */
export interface Traced {
  readonly app: App;
  flush(): Promise<void>;
}

const EVERY_MILLISECONDS = 2_000;

/** Traces a share of the requests, TRACING_SHARE, where the environment asks for it. */
export function startTracing(
  app: App,
  { environment, identity, log }: Pick<Context, 'environment' | 'identity' | 'log'>,
): Traced {
  if (!environment['TRACING_SHARE']) return { app, flush: async () => undefined };
  const { share, region, endpoint } = readConfig(settings, environment);
  const exporter = createExporter({
    endpoint: endpoint || `https://xray.${region}.amazonaws.com`,
    region,
    credentials: containerCredentials(environment),
    log,
  });
  setInterval(() => void exporter.flush(), EVERY_MILLISECONDS).unref();
  return { app: traced(app, { share, identity, exporter }), flush: exporter.flush };
}

const settings = {
  share: shareOf,
  region: text('AWS_REGION'),
  endpoint: optionalText('AWS_ENDPOINT_URL'),
};

function shareOf(environment: Environment) {
  const value = Number(environment['TRACING_SHARE']);
  if (value > 0 && value <= 1) return { ok: true, value } as const;
  return {
    ok: false,
    error: `TRACING_SHARE is "${environment['TRACING_SHARE']}", expected more than 0, at most 1`,
  } as const;
}
