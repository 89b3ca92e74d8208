/** `npm run bootstrap`: what a person does once per AWS account, with an administrator's credentials; it can be run again at any time. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ECRClient } from '@aws-sdk/client-ecr';
import { connectDoctor } from '../pipeline/doctor/connect.ts';
import { enableBlobMounting } from '../pipeline/image/registry/blob-mounting.ts';
import { type Project, stateBucketName } from '../pipeline/manifest/names.ts';
import { loadProject } from '../pipeline/manifest/project.ts';
import { provision } from '../pipeline/provision/provision.ts';
import { synthesizeInto } from '../pipeline/provision/synthesize.ts';

const ROOT = join(import.meta.dirname, '..');
const STACKS = ['bootstrap', 'account'];

const USAGE = `Usage: npm run bootstrap [-- --dry-run] [--json]

  --dry-run   only say what would be made or changed
  --json      one JSON object per line

Makes the state bucket, then the stacks bootstrap (states, roles of the workflows) and account (image repositories, ledger, audit trail), and switches
on ECR's blob mounting. Settings come from slipway.json, credentials from AWS_PROFILE or whatever else the AWS SDK reads. Then: npm run doctor.`;

interface Line {
  readonly what: string;
  readonly changes?: readonly string[];
}

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { 'dry-run': flag, json: flag, help: { ...flag, short: 'h' } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const say = ({ what, changes = [] }: Line): void => {
    if (values.json) console.log(JSON.stringify({ what, changes }));
    else for (const line of [what, ...changes.map((change) => `  ${change}`)]) console.log(line);
  };
  const project = loadProject(ROOT, process.env);
  const account = await connectDoctor(project, undefined).account();
  if (account !== project.accountId) {
    console.error(
      `These credentials are of account ${account}; slipway.json says ${project.accountId}. Choose another profile (AWS_PROFILE).`,
    );
    return 1;
  }
  const isNew = !(await connectDoctor(project, undefined).stateBucket());
  if (values['dry-run'] && isNew) return firstTime(project, say);
  return run(project, { mode: values['dry-run'] ? 'plan' : 'apply', say });
}

/** Without a state bucket there is nothing to plan against: everything that is synthesized would be made. */
async function firstTime(project: Project, say: (line: Line) => void): Promise<number> {
  const output = mkdtempSync(join(tmpdir(), 'slipway-bootstrap-'));
  try {
    const environment = { ...process.env, SLIPWAY_STACKS: STACKS.join(',') };
    const problem = await synthesizeInto({ root: ROOT, output, environment });
    if (problem !== undefined) throw new Error(problem);
    say({ what: `would create the state bucket ${stateBucketName(project)}` });
    for (const stack of STACKS) {
      const json = JSON.parse(readFileSync(join(output, 'stacks', stack, 'cdk.tf.json'), 'utf8')) as {
        readonly resource: Readonly<Record<string, object>>;
      };
      const changes = Object.entries(json.resource).map(([type, named]) => `${Object.keys(named).length} ${type}`);
      say({ what: `would create the stack ${stack}`, changes });
    }
    say({ what: 'would switch on blob mounting of ECR' });
    return 0;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

async function run(
  project: Project,
  { mode, say }: { readonly mode: 'plan' | 'apply'; readonly say: (line: Line) => void },
): Promise<number> {
  const result = await provision({ root: ROOT, stacks: STACKS, mode, environment: process.env });
  for (const { stack, status, changes } of result.stacks) {
    say({ what: `${mode === 'plan' ? 'would apply' : 'applied'} ${stack}: ${status}`, changes });
  }
  if (!result.ok) {
    console.error(result.problem);
    return 1;
  }
  if (mode === 'plan') return 0;
  const changed = await enableBlobMounting(new ECRClient({ region: project.region }));
  say({ what: changed ? 'switched on blob mounting of ECR' : 'blob mounting of ECR was on' });
  return 0;
}

process.exitCode = await main();
