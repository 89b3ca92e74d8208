import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsError, type AwsService } from '../../aws/kit/service.ts';
import type { Cloud, CloudEvent } from '../../cloud.ts';
import { openStore, type Store } from '../../state/store.ts';

export interface TestCloud {
  readonly cloud: Cloud;
  readonly events: readonly CloudEvent[];
  /** Makes services known to `cloud.invoke`. */
  add(...services: readonly AwsService[]): void;
  /** Stops the services, newest first, and removes the folder. The store stays open where it was given. */
  close(): Promise<void>;
}

/** A local cloud without ports, for tests of services: `invoke` calls the operations of the services that were added. */
export function createTestCloud(given: { readonly home?: string; readonly store?: Store } = {}): TestCloud {
  const home = given.home ?? mkdtempSync(join(tmpdir(), 'slipway-test-'));
  const store = given.store ?? openStore(':memory:');
  const services = new Map<string, AwsService>();
  const events: CloudEvent[] = [];
  const cloud: Cloud = {
    home,
    accountId: '000000000000',
    region: 'us-east-1',
    store,
    endpoints: {
      aws: 'http://127.0.0.1:1',
      registry: '127.0.0.1:1',
      github: 'http://127.0.0.1:1',
      sentry: 'http://127.0.0.1:1',
      web: 'http://127.0.0.1:1',
      terraform: '127.0.0.1:1',
    },
    now: () => Date.now(),
    log: (event) => void events.push(event),
    async invoke<Output>(service: string, operation: string, input: object): Promise<Output> {
      const run = services.get(service)?.operations[operation];
      if (!run) throw new AwsError('NotImplemented', `${service}:${operation} is not supported`, { status: 501 });
      return (await run(input)) as Output;
    },
  };
  return {
    cloud,
    events,
    add: (...added) => {
      for (const service of added) services.set(service.name, service);
    },
    async close() {
      for (const service of [...services.values()].toReversed()) await service.stop?.();
      if (!given.store) store.close();
      if (!given.home) rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Waits until `condition` is true (or yields a value), checking often; fails with `what` after `limit` milliseconds. */
export async function until<Value>(
  what: string,
  condition: () => Value | undefined | false | Promise<Value | undefined | false>,
  limit = 60_000,
): Promise<Value> {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
