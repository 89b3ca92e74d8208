/**
 * `npm run provision -- STACK... [--plan] [--destroy] [--json]`: applies stacks from this machine with its own AWS credentials. Needed once, for `bootstrap` and `account` (without them
 * no workflow has a role), and for changes of the two later; everything else is the workflows' work.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ECRClient } from '@aws-sdk/client-ecr';
import { enableBlobMounting } from '../pipeline/image/registry/blob-mounting.ts';
import { loadProject } from '../pipeline/manifest/project.ts';
import { planIsEmpty, provision } from '../pipeline/provision/provision.ts';
import type { ProvisionMode, StackResult } from '../pipeline/provision/types.ts';

const ROOT = join(import.meta.dirname, '..');

const USAGE = `Usage: npm run provision -- STACK... [--plan | --destroy] [--json]

  STACK       bootstrap, account, staging-platform, staging-data, staging-app, production-..., preview-pr-<n>
  --plan      only say what would change; exit code 1 if anything would
  --destroy   remove the stacks and their state
  --json      one JSON object per stack

Settings come from slipway.json and SLIPWAY_* variables, credentials from AWS_PROFILE or whatever else the AWS SDK reads.`;

function modeOf(values: { plan: boolean; destroy: boolean }): ProvisionMode {
  if (values.destroy) return 'destroy';
  return values.plan ? 'plan' : 'apply';
}

function describe({ stack, status, add, change, destroy, seconds }: StackResult): string {
  return `${stack.padEnd(22)} ${status.padEnd(11)} ${add} to add, ${change} to change, ${destroy} to destroy (${seconds.toFixed(1)} s)`;
}

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    options: { plan: flag, destroy: flag, json: flag, help: { ...flag, short: 'h' } },
    allowPositionals: true,
  });
  if (values.help || positionals.length === 0 || (values.plan && values.destroy)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const mode = modeOf(values);
  const result = await provision({
    root: ROOT,
    stacks: positionals,
    mode,
    environment: process.env,
    onProgress: ({ stack, message }) => {
      if (!values.json) console.error(stack ? `${stack}: ${message}` : message);
    },
  });
  const applied = result.ok && mode === 'apply' && positionals.includes('account');
  if (applied && (await enableBlobMounting(new ECRClient({ region: loadProject(ROOT, process.env).region })))) {
    console.error('account: ECR mounts layers between repositories from now on');
  }
  for (const stack of result.stacks) console.log(values.json ? JSON.stringify(stack) : describe(stack));
  if (!result.ok) console.error(result.problem);
  return result.ok && (mode !== 'plan' || planIsEmpty(result.stacks)) ? 0 : 1;
}

process.exitCode = await main();
