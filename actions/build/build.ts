import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ahead } from '../../pipeline/image/build/ahead.ts';
import { LIFETIMES, PLATFORMS, type PlatformName } from '../../pipeline/image/build/types.ts';
import { type BuildResult, buildServices, builtImages } from '../../pipeline/image/build.ts';
import { compareWithCommit } from '../../pipeline/image/committed.ts';
import { COMPRESSIONS } from '../../pipeline/image/layer/compression.ts';
import { connectEcr } from '../../pipeline/image/registry/ecr.ts';
import { loadManifests } from '../../pipeline/manifest/load.ts';
import { valueOrThrow } from '../../pipeline/manifest/result.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { uploadSourceMaps } from '../../pipeline/ports/sentry-source-maps.ts';
import type { Progress } from '../../pipeline/release/ports.ts';
import { buildReport } from '../../pipeline/report/build.ts';
import { choice, commit, InputError, text, words } from '../kit/inputs.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { readSurroundings } from '../kit/surroundings.ts';

/** Amazon's public mirror of Docker's official image: no account and no rate limit of Docker Hub between us and a build. */
const DEFAULT_BASE = 'public.ecr.aws/docker/library/node:24-slim';

/** What tasks and functions run on, in the words of images. */
const ARCHITECTURE_PLATFORMS = { arm64: 'linux/arm64', x86_64: 'linux/amd64' } as const;

/** Longest that uploading source maps may delay a build. */
const SENTRY_PATIENCE_MS = 20_000;

/** Builds what the inputs name. @param ahead bundling that has begun already */
export const build = (ahead: Ahead): Promise<number> => run((log) => buildImages(log, ahead).finally(ahead.close));

async function buildImages(log: Progress, ahead: Ahead): Promise<ActionResult> {
  const inputs = {
    commit: commit('commit'),
    base: text('base') || DEFAULT_BASE,
    lifetime: choice('lifetime', LIFETIMES),
    compression: choice('compression', COMPRESSIONS),
    attestations: choice('attestations', ['true', 'false']) === 'true',
  };
  const services = words('services');
  const { root: workspace, project, sentry, run: invocation } = readSurroundings(process.env);
  const root = join(workspace, text('path'));
  const manifests = choose(valueOrThrow(loadManifests(root)), services);
  log.phase(`build ${manifests.map(({ name }) => name).join(', ')}`);
  const wanted = platforms('platforms');
  const workflow = process.env['GITHUB_WORKFLOW_REF'];
  // Previews report to nobody who would look at their lines.
  const told = inputs.lifetime === 'release' ? sentry : undefined;
  const sourceMaps = await mkdtemp(join(process.env['RUNNER_TEMP'] || tmpdir(), 'source-maps-'));
  const [registry] = await Promise.all([
    connectEcr({ region: project.region }),
    requireCommitted(root, inputs.commit, (line) => log.line(line)),
  ]);
  const results = await buildServices({
    ...inputs,
    ahead,
    ...(told && { sourceMaps }),
    platforms: wanted.length > 0 ? wanted : [ARCHITECTURE_PLATFORMS[project.architecture ?? 'arm64']],
    root,
    tools: workspace,
    manifests,
    registry,
    app: project.app,
    source: `https://github.com/${project.repository}`,
    invocation,
    ...(workflow && { builder: `${process.env['GITHUB_SERVER_URL']}/${workflow}` }),
    onProgress: ({ service, message }) => log.line(`${service}: ${message}`),
  });
  const maps = { folder: sourceMaps, version: inputs.commit, patienceMs: SENTRY_PATIENCE_MS };
  const problems = told === undefined ? [] : await uploadSourceMaps(told, maps);
  await rm(sourceMaps, { recursive: true, force: true });
  return { ...toResult(results), ...(problems.length > 0 && { warning: problems.join('\n') }) };
}

/** An image is tagged with the commit, and must hold nothing else. */
async function requireCommitted(root: string, sha: string, tell: (line: string) => void): Promise<void> {
  const found = await compareWithCommit(root, sha);
  if (found.state === 'different')
    throw new InputError(`${found.problem}; commit what is to be built, or check it out again`);
  if (found.state === 'unknown') tell(`whether the checkout is ${sha} cannot be told: ${found.reason}`);
}

function platforms(name: string): readonly PlatformName[] {
  return words(name).map((wanted) => {
    const platform = PLATFORMS.find((known) => known === wanted);
    if (platform === undefined) {
      throw new InputError(`input "${name}" has "${wanted}"; it has to be one or more of ${PLATFORMS.join(', ')}`);
    }
    return platform;
  });
}

function choose(manifests: readonly Manifest[], names: readonly string[]): readonly Manifest[] {
  if (names.length === 0 || names.includes('all')) return manifests;
  const unknown = names.filter((name) => !manifests.some((manifest) => manifest.name === name));
  if (unknown.length === 0) return manifests.filter(({ name }) => names.includes(name));
  const known = manifests.map(({ name }) => name).join(', ');
  throw new InputError(`input "services" has ${unknown.join(', ')}; the services are ${known}`);
}

/** Images that were built count even when another service failed: the next run finds them by their content keys. */
function toResult(results: readonly BuildResult[]): ActionResult {
  const images = builtImages(results);
  const problems = results.flatMap((result) =>
    result.ok ? [] : [`${result.service}: ${result.problem}. ${result.fix}.`],
  );
  const notes = results.flatMap((result) =>
    result.ok ? result.notes.map((note) => `${result.service}: ${note}`) : [],
  );
  return {
    summary: buildReport(images, [...problems, ...notes]),
    outputs: { images: JSON.stringify(images) },
    ...(problems.length > 0 && { error: problems.join('\n') }),
  };
}
