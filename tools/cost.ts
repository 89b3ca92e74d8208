/** `npm run cost`: what the stacks cost a month, by environment and resource, and a preview a day. See usage.json for what is assumed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { estimate, perDay } from '../pipeline/cost/estimate.ts';
import { PRICES } from '../pipeline/cost/prices.ts';
import { readSynthesis } from '../pipeline/cost/synthesis.ts';
import { loadUsage } from '../pipeline/cost/usage.ts';
import { synthesizeInto } from '../pipeline/provision/synthesize.ts';
import { costTable } from '../pipeline/report/cost.ts';

const ROOT = join(import.meta.dirname, '..');

const USAGE = `Usage: npm run cost [-- --json | --prices]

  --json     one JSON object per environment, with every line
  --prices   the unit prices with source and date

Quantities that no stack tells (requests, gigabytes) are in usage.json; unit prices are list prices of us-east-1 in
pipeline/cost/prices.json. Settings of the environments come from SLIPWAY_* variables, as for every synthesis.`;

const ORDER = ['account', 'production', 'staging'];

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { json: flag, prices: flag, help: { ...flag, short: 'h' } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.prices) {
    for (const { key, usd, unit, source, asOf } of PRICES) console.log(`${key}\t${usd}\t${unit}\t${asOf}\t${source}`);
    return 0;
  }
  const output = mkdtempSync(join(tmpdir(), 'slipway-cost-'));
  try {
    const problem = await synthesizeInto({ root: ROOT, output, environment: { ...process.env, SLIPWAY_PREVIEW: '1' } });
    if (problem !== undefined) {
      console.error(problem);
      return 1;
    }
    report(output, values.json);
    return 0;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

function report(output: string, json: boolean): void {
  const usage = loadUsage(ROOT);
  const place = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const costs = [...readSynthesis(join(output, 'stacks'))]
    .toSorted(([one], [other]) => place(one) - place(other))
    .map(([environment, resources]) => estimate(environment, resources, usage));
  if (!json) console.log(costTable(costs, usage));
  else
    for (const cost of costs)
      console.log(
        JSON.stringify({ ...cost, ...(cost.environment.startsWith('pr-') && { perDay: perDay(cost, usage) }) }),
      );
}

process.exitCode = await main();
