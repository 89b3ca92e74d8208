/** `node services/batch/schedule.ts --help`: schedules of single tenants, for whoever may make them. */
import { parseArgs } from 'node:util';
import { createSchedules } from './src/schedules.ts';

const HELP = `Usage: node services/batch/schedule.ts ENVIRONMENT put TENANT [MODEL] --every 'rate(1 day)' [--input PREFIX] [--output FOLDER]
       node services/batch/schedule.ts ENVIRONMENT start TENANT [MODEL] [--input PREFIX] [--output FOLDER]
       node services/batch/schedule.ts ENVIRONMENT remove TENANT [MODEL]
       node services/batch/schedule.ts ENVIRONMENT list
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      every: { type: 'string' },
      input: { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const [environment, command, tenant = '', model] = positionals;
  if (values.help) return say(HELP, 0);
  if (environment === undefined || command === undefined) return say(HELP, 2);
  const { input, output } = values;
  const scope = { tenant, ...(model && { model }), ...(input && { input }), ...(output && { output }) };
  const schedules = createSchedules(environment);
  if (command === 'list') return say((await schedules.list()).map((name) => `${name}\n`).join(''), 0);
  if (command === 'put' && values.every === undefined) return say(`Say how often, with --every.\n\n${HELP}`, 2);
  const commands = {
    put: () => schedules.put(scope, values.every ?? ''),
    start: () => schedules.start(scope),
    remove: () => schedules.remove(scope),
  };
  if (!(command in commands) || tenant === '') return say(HELP, 2);
  const done = await commands[command as keyof typeof commands]();
  return done.ok ? say(`${done.value}\n`, 0) : say(`${done.error}\n`, 1);
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}

process.exitCode = await main();
