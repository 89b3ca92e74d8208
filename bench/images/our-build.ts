import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { ownModules, prepareManifestCheck } from '../../tools/bundle-plugins.ts';
import { median } from '../row.ts';
import type { Workspace } from './workspace.ts';

const execute = promisify(execFile);

/** Our builder as GitHub runs it: bundled, as actions/build is. */
export async function bundleOurs(folder: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'ours.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    plugins: [ownModules, prepareManifestCheck],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
}

export interface OurBuild {
  readonly workspace: Workspace;
  readonly host: string;
  readonly base: string;
  /** By default one that was never built before. */
  readonly commit?: string;
  /** By default there are some, as in a deployment. */
  readonly attestations?: boolean;
}

/** Returns the digest of each service's image. */
export async function buildOurs(
  { workspace, host, base, commit, attestations = true }: OurBuild,
  app: string,
  services = ['inference'],
): Promise<string[]> {
  const args = [join(workspace.folder, 'ours.mjs'), workspace.root, host, base, app, ...services];
  const { stdout } = await execute(process.execPath, args, {
    env: { ...process.env, BENCH_ATTESTATIONS: String(attestations), ...(commit && { BENCH_COMMIT: commit }) },
  });
  return Object.values(JSON.parse(stdout) as Record<string, { digest: string }>).map(({ digest }) => digest);
}

/** Four services of which none changed, on a fresh runner. */
export async function measureFour(build: OurBuild, rounds: number): Promise<number> {
  const services = ['batch', 'inference', 'scorer', 'web'];
  await buildOurs(build, 'four', services);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await buildOurs(build, 'four', services);
    times.push(performance.now() - started);
  }
  return Math.round(median(times));
}

/** One changed line with a bill of materials and a provenance attached, which the peers are compared without. */
export async function measureAttested(build: OurBuild, rounds: number): Promise<number> {
  await buildOurs(build, 'attested');
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    build.workspace.edit();
    const started = performance.now();
    await buildOurs(build, 'attested');
    times.push(performance.now() - started);
  }
  return Math.round(median(times));
}

/** Built twice from nothing, of one commit, into repositories that know nothing of each other, the image is the same to the byte. */
export async function expectSameDigest(build: OurBuild): Promise<void> {
  const same = { ...build, commit: 'same' };
  const digests = [...(await buildOurs(same, 'first')), ...(await buildOurs(same, 'second'))];
  if (digests[0] !== digests[1]) throw new Error(`Two builds of the same sources differ: ${digests.join(', ')}`);
}
