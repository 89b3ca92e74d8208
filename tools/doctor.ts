/** `npm run doctor`: what is missing to run on a real account and repository. Reads only. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectDoctor } from '../pipeline/doctor/connect.ts';
import { expectedSecrets } from '../pipeline/doctor/expectations.ts';
import { gather } from '../pipeline/doctor/gather.ts';
import { judge } from '../pipeline/doctor/judge.ts';
import { loadManifests } from '../pipeline/manifest/load.ts';
import { loadProject } from '../pipeline/manifest/project.ts';
import { valueOrThrow } from '../pipeline/manifest/result.ts';
import { doctorTree } from '../pipeline/report/doctor.ts';

const ROOT = join(import.meta.dirname, '..');

const USAGE = `Usage: npm run doctor [-- --json]

  --json   one JSON object per check

Looks at AWS with the credentials of AWS_PROFILE or whatever else the AWS SDK reads, and at GitHub with GITHUB_TOKEN (read access to Actions,
administration and variables). What it may not see it skips. It changes nothing. Exit code 1 when a check failed.`;

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { json: flag, help: { ...flag, short: 'h' } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const project = loadProject(ROOT, process.env);
  const secrets = expectedSecrets(project, valueOrThrow(loadManifests(ROOT)));
  const groups = judge(await gather({ project, secrets }, connectDoctor(project, process.env['GITHUB_TOKEN'])));
  if (!values.json) console.log(doctorTree(groups));
  else
    for (const { name, checks } of groups)
      for (const check of checks) console.log(JSON.stringify({ group: name, ...check }));
  return groups.some(({ checks }) => checks.some(({ status }) => status === 'failed')) ? 1 : 0;
}

process.exitCode = await main();
