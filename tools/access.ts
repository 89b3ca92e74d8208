/** `npm run access`: what the roles on the local cloud used, and what they are given. Play the story first: `npm run local`. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../local/cli/cloud/launch.ts';
import { type RoleDocuments, replay, type UsedAccess } from '../pipeline/iam/replay.ts';
import { accessTable } from '../pipeline/report/access.ts';

const USAGE = `Usage: npm run access [-- --all | --json]

  --all    names every action: + used, the others only granted
  --json   one JSON object per role

Reads what the local cloud recorded (SLIPWAY_HOME chooses which), decides every call against the policies of the role that made it, and fails when one
would be refused. Calls that Terraform's provider makes are not among them: locally it has no credentials of its own.`;

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { all: flag, json: flag, help: { ...flag, short: 'h' } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const cloud = connect(process.env['SLIPWAY_HOME'] || join(import.meta.dirname, '..', '.slipway'));
  const answer = await cloud?.client.call<{ roles: RoleDocuments[]; used: UsedAccess[]; region: string }>('access');
  if (!answer?.ok) {
    console.error(answer?.message ?? 'No local cloud is running. Start one: npm run local');
    return 1;
  }
  const uses = replay(answer.value.roles, answer.value.used, answer.value.region);
  if (!values.json) console.log(accessTable(uses, { all: values.all }));
  else for (const use of uses) console.log(JSON.stringify(use));
  return uses.some(({ refused }) => refused.length > 0) ? 1 : 0;
}

process.exitCode = await main();
