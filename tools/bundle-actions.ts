/**
 * Bundles every action into actions/<name>/dist/main.mjs, which is what GitHub runs. `--check` only compares: it fails when a
 * committed bundle is not what its sources give.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

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

async function bundle(name: string): Promise<Uint8Array> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [`actions/${name}/main.ts`],
    bundle: true,
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
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`esbuild gave nothing for ${name}`);
  return output.contents;
}

async function main(check: boolean): Promise<number> {
  let stale = 0;
  for (const name of actions()) {
    const contents = await bundle(name);
    const file = join(ROOT, 'actions', name, 'dist', 'main.mjs');
    const same = existsSync(file) && readFileSync(file).equals(contents);
    if (check && !same) {
      console.error(`actions/${name}/dist/main.mjs is not what its sources give; run: node tools/bundle-actions.ts`);
      stale++;
    } else if (!same) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, contents);
    }
    if (!check) console.log(`actions/${name}/dist/main.mjs ${contents.length} bytes${same ? ' (unchanged)' : ''}`);
  }
  return stale === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.includes('--check'));
