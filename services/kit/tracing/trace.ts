import type { Identity } from '../config.ts';
import type { App } from '../http/app.ts';
import type { Exporter } from './exporter.ts';
import { readTraceHeader, segmentOf } from './segment.ts';

export interface Tracing {
  /** Share of requests that are traced where nobody in front has decided, from 0 to 1. */
  readonly share: number;
  readonly identity: Identity;
  readonly exporter: Pick<Exporter, 'add'>;
  readonly random?: () => number;
}

/** The same application, a share of whose requests X-Ray hears of. */
export function traced(app: App, { share, identity, exporter, random = Math.random }: Tracing): App {
  return async (request) => {
    const header = readTraceHeader(request.headers['x-amzn-trace-id']);
    if (!(header.sampled ?? random() < share)) return app(request);
    const from = Date.now();
    const answer = await app(request);
    const [path = '/'] = request.target.split('?');
    exporter.add(
      segmentOf({ method: request.method, path, status: answer.status, from, to: Date.now() }, header, identity),
    );
    return answer;
  };
}
