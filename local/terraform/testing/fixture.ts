import { AwsError } from '../../aws/kit/service.ts';
import type { TestCloud } from '../../aws/kit/test-cloud.ts';
import type { Cloud } from '../../cloud.ts';
import type { RunningProvider } from '../server.ts';
import { startAllServices } from './cloud.ts';
import { startTestProvider } from './provider.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

export interface Fixture {
  readonly cloud: Cloud;
  /** A fresh one for every test; what it created is destroyed afterwards, and that has to succeed. */
  readonly workspace: Workspace;
  /** The SDK's door to the same resources. */
  call<Output = Record<string, unknown>>(service: string, operation: string, input: object): Promise<Output>;
  /** Plans and fails with the plan if there is anything to do. */
  expectNoChanges(configuration?: object): Promise<void>;
  /** Operations that fail until they are taken out again: `dynamodb:UpdateTimeToLive`. */
  readonly failing: Set<string>;
  /** Stops the provider and starts another one on the same cloud. */
  restartProvider(): Promise<void>;
}

/** One local cloud and provider for the tests of a file. Call it once, outside of any test. */
export function useTerraform(): Fixture {
  const failing = new Set<string>();
  let cloud: TestCloud;
  let provider: RunningProvider;
  let workspace: Workspace;
  beforeAll(async () => {
    cloud = await startAllServices();
    provider = await startTestProvider(withFailures(cloud.cloud, failing));
  });
  afterAll(async () => {
    await provider.close();
    await cloud.remove();
  });
  beforeEach(() => {
    workspace = createWorkspace(() => provider.reattach);
  });
  afterEach(async () => {
    const { code, output } = await workspace.run('destroy', '-auto-approve', '-no-color');
    workspace.remove();
    expect(code === 0 ? '' : output).toBe('');
  });
  return {
    failing,
    get cloud() {
      return cloud.cloud;
    },
    get workspace() {
      return workspace;
    },
    call: (service, operation, input) => cloud.cloud.invoke(service, operation, input),
    async expectNoChanges(configuration) {
      const { code, output } = await workspace.plan(configuration);
      expect(code === 0 ? '' : output).toBe('');
    },
    async restartProvider() {
      await provider.close();
      provider = await startTestProvider(withFailures(cloud.cloud, failing));
    },
  };
}

function withFailures(cloud: Cloud, failing: ReadonlySet<string>): Cloud {
  return {
    ...cloud,
    async invoke<Output>(service: string, operation: string, input: object): Promise<Output> {
      if (failing.has(`${service}:${operation}`))
        throw new AwsError('AccessDeniedException', 'denied by the test', { status: 403 });
      return cloud.invoke<Output>(service, operation, input);
    },
  };
}
