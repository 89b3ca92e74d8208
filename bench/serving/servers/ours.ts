/** Our service as it is, with the models of a folder instead of a bucket. Arguments: the folder, and options as JSON. */
import { createReadStream, readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { inferenceRoutes } from '../../../services/inference/src/routes/routes.ts';
import { createServer } from '../../../services/inference/src/server.ts';
import type { ObjectSource } from '../../../services/kit/aws/objects.ts';
import { createApp } from '../../../services/kit/http/app.ts';
import { startServer } from '../../../services/kit/http/server.ts';
import { createLog } from '../../../services/kit/log.ts';
import { announce } from './announce.ts';

const [folder = '', given = '{}'] = process.argv.slice(2);
const options = JSON.parse(given) as { memoryBytes?: number };
const root = join(import.meta.dirname, '../../..');
const identity = { service: 'inference', environment: 'bench', release: 'bench' };
const log = createLog(identity, () => undefined);
const reporter = { capture: () => undefined, flush: async () => undefined };
const GIB = 2 ** 30;

const keys = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  .sort();
const objects: ObjectSource = {
  list: async (prefix) => keys.filter((key) => key.startsWith(prefix)),
  folders: async (prefix) =>
    [
      ...new Set(
        keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1)),
      ),
    ].filter((key) => key !== ''),
  read: (key) => readFile(join(folder, key)).catch(() => undefined),
  async open(key) {
    const found = await stat(join(folder, key)).catch(() => undefined);
    return found && { bytes: found.size, body: createReadStream(join(folder, key)) };
  },
};

const server = createServer({
  objects,
  prefix: '',
  tenancy: 'header',
  limits: { maximumBatch: 64, maximumWaiting: 16_384, maximumTenantWaiting: 12_288 },
  memoryBytes: options.memoryBytes ?? 4 * GIB,
  disk: { folder: join(folder, `../cache-${process.pid}`), bytes: 4 * GIB },
  runner: {
    command: {
      arguments: ['--disable-warning=ExperimentalWarning', join(root, 'services/inference/main.ts'), 'runner'],
    },
    limits: { milliseconds: 10_000, bytes: 4 * GIB },
    runners: 2,
  },
  modelRoots: [],
  readyWhenEmpty: true,
  log,
  reporter,
});
await server.preload();
const routes = inferenceRoutes(server, identity);
const app = createApp({ routes, identity, log, reporter });
const { port } = await startServer({ app, host: '127.0.0.1', port: 0, maximumBodyBytes: 6 * 2 ** 20 });

// What the benchmark asks for besides predictions, kept apart from the routes that are measured.
announce(
  createHttpServer(async (request, response) => {
    if (request.url === '/port') return void response.end(String(port));
    if (request.url === '/unload') for (const key of server.loadedKeys()) await server.registry.unload(key);
    if (globalThis.gc) for (let round = 0; round < 3; round++) globalThis.gc();
    response.end(JSON.stringify({ rss: process.memoryUsage.rss(), runners: server.runnerPids() }));
  }),
);
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
