import { loadavg } from 'node:os';
import type { Note, Row } from '../row.ts';
import { measureRequests, note } from './requests.ts';
import { measureCounts, measureHotTenant, measureLargeModels } from './tenants.ts';

const PARTS: Readonly<Record<string, () => AsyncGenerator<Row | Note>>> = {
  '34 KB': () => measureRequests('34 KB'),
  '1 MB': () => measureRequests('1 MB'),
  '10 MB': () => measureRequests('10 MB'),
  tenants: measureCounts,
  'hot tenant': measureHotTenant,
  'large models': measureLargeModels,
};

/**
 * The service `inference` against what it could reach at best and against what most people would write, in one run on one machine. Load and
 * server share it; each server is a process of its own, and so is each model that computes apart.
 */
export async function* serving(part?: string): AsyncGenerator<Row | Note> {
  const [load = 0] = loadavg();
  if (load > 1)
    yield note(
      `This machine has other work to do (load ${load.toFixed(1)}): rates are too low and latencies too high, ratios less wrong.`,
    );
  for (const [name, measure] of Object.entries(PARTS)) if (part === undefined || part === name) yield* measure();
}
