import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { estimate } from '../../pipeline/cost/estimate.ts';
import { synthesizedResources } from '../../pipeline/cost/resources.ts';
import { loadUsage, type Usage } from '../../pipeline/cost/usage.ts';
import { synthesizeInto } from '../../pipeline/provision/synthesize.ts';
import type { Row } from '../row.ts';
import { ROOT } from './cloud.ts';

const CASES: readonly { readonly changed: string; readonly variables: Readonly<Record<string, string>> }[] = [
  { changed: 'inference', variables: { SLIPWAY_PREVIEW_SERVICES: 'inference' } },
  { changed: 'web', variables: { SLIPWAY_PREVIEW_SERVICES: 'web' } },
  { changed: 'scorer', variables: { SLIPWAY_PREVIEW_SERVICES: 'scorer' } },
  { changed: 'everything (full)', variables: { SLIPWAY_PREVIEW_FULL: 'true' } },
];
const DAYS = 365 / 12;

/** By the price table, from the synthesized stacks: what one more preview costs for being there, and for being awake; its requests and bytes not counted. */
export async function* costs(): AsyncGenerator<Row> {
  for (const { changed, variables } of CASES) {
    const resources = await stackOf(variables);
    const day = (hours: number): number => {
      const usage: Usage = { ...loadUsage(ROOT), previewHoursPerDay: hours };
      const idle = { ...usage, environments: { ...usage.environments, preview: {} } };
      return Math.round((estimate('pr-1', resources, idle).monthly / DAYS) * 1000) / 1000;
    };
    for (const [state, hours] of Object.entries({ awake: 24, asleep: 0 })) {
      yield { bench: 'previews', case: `${changed} changed: a day ${state}`, unit: 'dollars', ours: day(hours) };
    }
  }
}

async function stackOf(variables: Readonly<Record<string, string>>) {
  const output = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    const environment = { ...process.env, ...variables, SLIPWAY_PREVIEW: '1', SLIPWAY_STACKS: 'preview-pr-1' };
    const problem = await synthesizeInto({ root: ROOT, output, environment });
    if (problem !== undefined) throw new Error(problem);
    const json = readFileSync(join(output, 'stacks/preview-pr-1/cdk.tf.json'), 'utf8');
    return synthesizedResources(JSON.parse(json));
  } finally {
    rmSync(output, { recursive: true });
  }
}
