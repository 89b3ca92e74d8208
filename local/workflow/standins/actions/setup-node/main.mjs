import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addPath, environment, input, main, refuseInputs, setOutput } from '../../kit/action.mjs';

main(() => {
  refuseInputs(['registry-url']);
  const wanted = input('node-version') || versionFromFile(input('node-version-file'));
  const [major] = process.versions.node.split('.');
  const asked = /^[v^~>=]*(\d+)/.exec(wanted)?.[1];
  if (asked !== undefined && asked !== major) {
    throw new Error(`The local runner has Node.js ${process.version} only, and node-version asks for ${wanted}`);
  }
  addPath(dirname(process.execPath));
  console.log(`Node.js ${process.version}`);
  setOutput('node-version', process.version);
  setOutput('cache-hit', false);
});

/** `.nvmrc`-like files, and package.json's `engines.node`. */
function versionFromFile(file) {
  if (file === '') return '';
  const text = readFileSync(join(environment('GITHUB_WORKSPACE'), file), 'utf8');
  return file.endsWith('package.json') ? String(JSON.parse(text).engines?.node ?? '') : text.trim();
}
