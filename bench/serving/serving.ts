import { loadavg } from 'node:os';
import type { Note, Row } from '../row.ts';
import { measureRequests, note } from './requests.ts';
import { measureTenants } from './tenants.ts';

/**
 * The service `inference` against what it could reach at best and against what most people would write, in one run on one machine. Load and
 * server share it; each server is a process of its own, and so is each model that computes apart.
 */
export async function* serving(): AsyncGenerator<Row | Note> {
  const [load = 0] = loadavg();
  if (load > 1)
    yield note(
      `This machine has other work to do (load ${load.toFixed(1)}): rates are too low and latencies too high, ratios less wrong.`,
    );
  yield* measureRequests('34 KB');
  yield* measureRequests('1 MB');
  yield* measureRequests('10 MB');
  yield* measureTenants();
}
