import type { Cloud } from '../../cloud.ts';
import type { RunningProvider } from '../server.ts';

/** Starts the provider in a jest test. */
export async function startTestProvider(cloud: Cloud, port = 0): Promise<RunningProvider> {
  shareRangeError();
  const { startProvider } = await import('../server.ts');
  return startProvider({ cloud, port });
}

// Jest gives a test its own RangeError, but typed arrays are the process's and throw the process's; @msgpack/msgpack refuses to
// run where the two differ. So it is loaded after the test has the process's.
function shareRangeError(): void {
  try {
    new DataView(new ArrayBuffer(1)).getInt8(1);
  } catch (error) {
    globalThis.RangeError = (error as RangeError).constructor as RangeErrorConstructor;
  }
}
