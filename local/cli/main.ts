import { join } from 'node:path';
import { HELP, parseArguments } from './arguments.ts';
import { homeFolder } from './cloud/home.ts';
import { runCommand } from './commands/run.ts';
import { createOutput } from './output.ts';

/** Exit codes: see docs/cli.md. */
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  const json = parsed.kind === 'command' && parsed.json;
  const output = createOutput({
    json,
    terminal: process.stdout,
    errors: process.stderr,
    noColor: Boolean(process.env['NO_COLOR']),
  });
  if (parsed.kind === 'help') {
    output.say(HELP);
    return 0;
  }
  if (parsed.kind === 'mistake') {
    output.fail(parsed.message);
    return WRONG_USAGE;
  }
  const root = join(import.meta.dirname, '../..');
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
  const home = homeFolder(root, process.env);
  const ok = await runCommand(parsed.command, {
    root,
    home,
    environment: process.env,
    output,
    signal: interrupt.signal,
  });
  return interrupt.signal.aborted ? INTERRUPTED : ok ? 0 : 1;
}

process.exitCode = await main();
