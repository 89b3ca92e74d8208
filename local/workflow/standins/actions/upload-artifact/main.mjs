import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { environment, flag, input, lines, main, setOutput, warn } from '../../kit/action.mjs';

main(() => {
  const name = input('name');
  if (/["':<>|*?\r\n\\/]/.test(name))
    throw new Error(`The artifact name '${name}' has characters that are not allowed`);
  const files = findFiles();
  if (files.length === 0) return nothingFound();
  const target = join(environment('SLIPWAY_STANDIN_RUNS'), environment('GITHUB_RUN_ID'), 'artifacts', name);
  if (existsSync(target)) {
    if (!flag('overwrite')) throw new Error(`Conflict: an artifact with the name '${name}' already exists on this run`);
    rmSync(target, { recursive: true });
  }
  const root = commonFolder(files);
  const digest = createHash('sha256');
  for (const file of files) {
    const place = join(target, relative(root, file));
    mkdirSync(dirname(place), { recursive: true });
    cpSync(file, place);
    digest.update(relative(root, file)).update('\0').update(readFileSync(file));
  }
  console.log(`${files.length} files in artifact ${name}`);
  setOutput('artifact-id', Number.parseInt(createHash('sha256').update(target).digest('hex').slice(0, 8), 16));
  setOutput('artifact-url', pathToFileURL(target));
  return setOutput('artifact-digest', digest.digest('hex'));
});

function findFiles() {
  const workspace = environment('GITHUB_WORKSPACE');
  const patterns = lines('path');
  const exclude = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const roots = globSync(
    patterns.filter((pattern) => !pattern.startsWith('!')),
    { cwd: workspace, exclude },
  );
  const files = roots
    .map((path) => resolve(workspace, path))
    .flatMap((path) => (statSync(path).isDirectory() ? filesWithin(path, exclude) : [path]))
    .filter((path) => flag('include-hidden-files') || !/(^|\/)\./.test(relative(workspace, path)));
  return [...new Set(files)].sort();
}

function filesWithin(folder, exclude) {
  return globSync('**/*', { cwd: folder, exclude, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** One file keeps only its name; several keep their places below the folder that they share. */
function commonFolder(files) {
  const [first = ''] = files;
  let folder = dirname(first);
  while (!files.every((file) => file.startsWith(folder + sep))) folder = dirname(folder);
  return folder;
}

function nothingFound() {
  const message = `No files were found with the provided path: ${lines('path').join(', ')}. No artifacts will be uploaded.`;
  const reaction = input('if-no-files-found');
  if (reaction === 'error') throw new Error(message);
  if (reaction === 'ignore') console.log(message);
  else warn(message);
}
