import { cpSync, existsSync, globSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environment, flag, input, main, refuseInputs, setOutput } from '../../kit/action.mjs';

main(() => {
  refuseInputs(['artifact-ids']);
  const run = input('run-id');
  if (!/^\d+$/.test(run)) throw new Error(`run-id '${run}' is not the number of a run`);
  const source = join(environment('SLIPWAY_STANDIN_RUNS'), run, 'artifacts');
  const target = resolve(environment('GITHUB_WORKSPACE'), input('path').replace(/^~(?=\/|$)/, environment('HOME')));
  mkdirSync(target, { recursive: true });
  const name = input('name');
  const names = name ? [name] : all(source);
  if (name && !all(source).includes(name))
    throw new Error(`Unable to download artifact(s): Artifact not found for name: ${name}`);
  for (const each of names) {
    const flat = Boolean(name) || flag('merge-multiple') || (input('pattern') !== '' && names.length === 1);
    cpSync(join(source, each), flat ? target : join(target, each), { recursive: true });
  }
  console.log(`${names.length} artifacts in ${target}`);
  setOutput('download-path', target);
});

function all(source) {
  if (!existsSync(source)) return [];
  return input('pattern') ? globSync(input('pattern'), { cwd: source }) : readdirSync(source);
}
