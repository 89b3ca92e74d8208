import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderText } from '../expression/template.ts';
import { execute } from './execute.ts';
import type { Invocation } from './uses.ts';

/** How GitHub calls each shell; `{0}` is the script. Bash without `shell: bash` has no pipefail. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  '': ['bash', '-e', '{0}'],
  bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '{0}'],
  sh: ['sh', '-e', '{0}'],
  python: ['python3', '{0}'],
  node: [process.execPath, '{0}'],
};
const EXTENSIONS: Readonly<Record<string, string>> = { python: '.py', node: '.mjs' };

/** Runs a step with `run`. True on success. */
export async function runScript(invocation: Invocation): Promise<boolean> {
  const { job, frame, step, definition, scope, environment } = invocation;
  const shell = renderText(definition.shell, scope) || frame.defaults.shell;
  const folder = renderText(definition['working-directory'], scope) || frame.defaults.folder || '.';
  const file = join(job.folders.temp, `${step.record.number}-${Date.now().toString(36)}${EXTENSIONS[shell] ?? '.sh'}`);
  const script = renderText(definition.run, scope);
  writeFileSync(file, `${script}\n`);
  const [command, ...rest] = commandLine(shell, file);
  for (const line of script.trimEnd().split('\n')) step.log(`> ${line}`);
  return execute({
    job,
    frame,
    step,
    command,
    arguments: rest,
    folder: resolve(job.folders.workspace, folder),
    environment,
  });
}

function commandLine(shell: string, file: string): [string, ...string[]] {
  const template = SHELLS[shell] ?? (shell.includes('{0}') ? shell.split(/\s+/) : undefined);
  const [command, ...rest] = (template ?? []).map((word) => word.replace('{0}', file));
  if (command === undefined) {
    throw new Error(
      `shell '${shell}' is not supported by the local runner: use bash, sh, python, node or a command with {0}`,
    );
  }
  return [command, ...rest];
}
