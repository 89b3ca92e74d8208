/**
 * Bundles every action into actions/<name>/dist/main.mjs, which is what GitHub runs. `--check` only compares: it fails when a
 * committed bundle is not what its sources give.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** ESM output has no `require`, which CommonJS dependencies inside the bundle call for Node's own modules. */
const BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/**
 * Importing these only defines things, but their package.json does not say so. @actions/core brings an HTTP client for OIDC tokens,
 * and with it undici, half a megabyte that takes 50 ms to load; who does not ask for such a token does not need it.
 */
const dropWhenUnused: Plugin = {
  name: 'drop when unused',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@actions\/|^undici$|oidc-utils/ }, async ({ path, pluginData, ...request }) => {
      if (pluginData === dropWhenUnused) return undefined;
      const resolved = await resolve(path, { ...request, pluginData: dropWhenUnused });
      return { ...resolved, sideEffects: false };
    });
  },
};

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
    plugins: [dropWhenUnused],
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
