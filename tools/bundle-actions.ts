/**
 * Bundles every action into actions/<name>/dist, whose main.mjs is what GitHub runs. `--check` only compares: it fails when a
 * committed bundle is not what its sources give.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import {
  dropWhenUnused,
  leaveOut,
  onlyVersions,
  ownModules,
  prepareManifestCheck,
  usedEndpoints,
  usedShapes,
} from './bundle-plugins.ts';

const ROOT = join(import.meta.dirname, '..');

/** ESM output has no `require`, which CommonJS dependencies inside the bundle call for Node's own modules. */
const BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

function actions(): readonly string[] {
  const entries = readdirSync(join(ROOT, 'actions'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, 'actions', entry.name, 'main.ts')))
    .map(({ name }) => name)
    .sort();
}

/** File name -> contents: `main.mjs`, and a file for each part that is loaded only when it is needed. */
async function bundle(name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [`actions/${name}/main.ts`],
    bundle: true,
    // Parts that are imported when needed are files of their own: esbuild leaves out what is unused only there, and the AWS clients are a third as large.
    splitting: true,
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    outdir: join(ROOT, 'actions', name, 'dist'),
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    legalComments: 'none',
    // Packages' ESM halves tree-shake; the AWS SDK is half as large this way.
    mainFields: ['module', 'main'],
    // A native package: the build action resolves it from the workspace's node_modules at run time.
    external: ['esbuild'],
    plugins: [leaveOut, dropWhenUnused, usedShapes, onlyVersions, ownModules, prepareManifestCheck, usedEndpoints],
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  return new Map(result.outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** Whether the folder holds exactly these files. */
function isSame(folder: string, files: ReadonlyMap<string, Uint8Array>): boolean {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const same = [...files].every(
    ([name, contents]) => present.includes(name) && readFileSync(join(folder, name)).equals(contents),
  );
  return same && present.length === files.size;
}

async function main(check: boolean): Promise<number> {
  let stale = 0;
  for (const name of actions()) {
    const files = await bundle(name);
    const folder = join(ROOT, 'actions', name, 'dist');
    const same = isSame(folder, files);
    if (check && !same) {
      console.error(`actions/${name}/dist is not what its sources give; run: node tools/bundle-actions.ts`);
      stale++;
    } else if (!same) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      for (const [file, contents] of files) await writeFile(join(folder, file), contents);
    }
    const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    if (!check) console.log(`actions/${name}/dist ${bytes} bytes in ${files.size} files${same ? ' (unchanged)' : ''}`);
  }
  return stale === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.includes('--check'));
