import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud, CloudEvent, Endpoints } from '../../cloud.ts';
import { openStore } from '../../state/store.ts';
import { type AwsServer, createAwsServer } from '../server.ts';
import { awsClients } from './clients.ts';
import type { AwsService } from './service.ts';

/** What an SDK client needs to reach a test cloud. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

export interface TestCloud {
  readonly cloud: Cloud;
  readonly server: AwsServer;
  readonly client: ClientOptions;
  readonly events: CloudEvent[];
  /** Stops everything but keeps the home folder, so that another test cloud can be started on it. */
  stop(): Promise<void>;
  /** Stops everything and removes the home folder. */
  remove(): Promise<void>;
}

export interface TestCloudOptions {
  /** Folder of an earlier test cloud, to test a restart. */
  readonly home?: string;
  readonly endpoints?: Partial<Endpoints>;
  now?(): number;
}

/** Starts the AWS stand-ins that `create` returns, on a free port and on a fresh home folder. For tests. */
export async function startTestCloud(
  create: (cloud: Cloud) => readonly AwsService[],
  options: TestCloudOptions = {},
): Promise<TestCloud> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'slipway-aws-'));
  const store = openStore(join(home, 'state.sqlite'));
  const events: CloudEvent[] = [];
  const endpoints = { aws: '', registry: '', github: '', sentry: '', web: '', terraform: '', ...options.endpoints };
  const cloud: Cloud = {
    home,
    accountId: '000000000000',
    region: 'us-east-1',
    store,
    endpoints,
    now: options.now ?? Date.now,
    log: (event) => void events.push(event),
    invoke: (service, operation, input) => server.invoke(service, operation, input),
  };
  const services = create(cloud);
  const server = await createAwsServer({ services, clientModules: awsClients, port: 0, log: cloud.log });
  endpoints.aws = `http://127.0.0.1:${server.port}`;
  for (const service of services) await service.start?.();
  const stop = async () => {
    await server.close();
    store.close();
  };
  return {
    cloud,
    server,
    client: {
      endpoint: endpoints.aws,
      region: cloud.region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    },
    events,
    stop,
    async remove() {
      await stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
