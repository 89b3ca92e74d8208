import type { Identity } from '../../../kit/config.ts';
import type { Route } from '../../../kit/http/router.ts';
import type { Server } from '../server.ts';
import { protocolRoutes } from './protocol.ts';
import { sageMakerRoutes } from './sagemaker.ts';
import { type Containers, createContainerRouter } from './target-container.ts';

/** Everything that the service answers, whatever it runs on. */
export function inferenceRoutes(server: Server, identity: Identity, containers: Containers = new Map()): Route[] {
  return [
    ...protocolRoutes(server, identity),
    ...sageMakerRoutes(server, createContainerRouter(containers)),
    {
      method: 'GET',
      path: '/metrics',
      quiet: true,
      handle: () => ({
        status: 200,
        headers: { 'content-type': 'text/plain; version=0.0.4' },
        body: server.metricsText(),
      }),
    },
  ];
}
