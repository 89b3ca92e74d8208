/** A whole server without a socket, for tests only. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectSource } from '../../kit/aws/objects.ts';
import { asker, identity, memoryLog, memoryReporter, objectsOf } from '../../kit/test-support.ts';
import { inferenceRoutes } from './routes/routes.ts';
import type { Containers } from './routes/target-container.ts';
import { createServer, type ServerOptions } from './server.ts';

const MIB = 2 ** 20;

export const sampleModels = () => objectsOf(join(import.meta.dirname, '../models'));

export interface TestOptions extends Partial<Omit<ServerOptions, 'limits' | 'objects'>> {
  readonly objects?: ObjectSource;
  readonly limits?: Partial<ServerOptions['limits']>;
  readonly containers?: Containers;
  readonly runLimits?: Partial<ServerOptions['runner']['limits']>;
}

export async function startTestServer(options: TestOptions = {}) {
  const { containers, limits, runLimits, ...rest } = options;
  const { reporter, captured: reported } = memoryReporter();
  const { log, lines: logged } = memoryLog();
  const folder = mkdtempSync(join(tmpdir(), 'slipway-inference-'));
  const server = createServer({
    objects: sampleModels(),
    prefix: '',
    tenancy: 'header',
    memoryBytes: 64 * MIB,
    disk: { folder, bytes: 64 * MIB },
    runner: {
      command: {
        arguments: ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../main.ts'), 'runner'],
      },
      limits: { milliseconds: 20_000, bytes: 1024 * MIB, ...runLimits },
      runners: 2,
    },
    modelRoots: [],
    log,
    reporter,
    ...rest,
    limits: { maximumBatch: 64, maximumWaiting: 4096, maximumTenantWaiting: 1024, ...limits },
  });
  const preloaded = await server.preload().catch((error: unknown) => error);
  return { server, preloaded, reported, logged, folder, ...asker(inferenceRoutes(server, identity, containers)) };
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;
