import { availableParallelism } from 'node:os';
import { repositoryName } from '../manifest/names.ts';
import type { Manifest } from '../manifest/types.ts';
import { type Run, startRun } from './build/run.ts';
import { buildNodeService } from './build/service.ts';
import { BuildError, type BuildRequest, type BuildResult, type ServiceBuild } from './build/types.ts';
import { buildDockerfileService } from './dockerfile/service.ts';
import { TarError } from './layer/tar-header.ts';
import { ChangedError } from './layer/tar-write.ts';
import { DigestError, RegistryError } from './registry/client.ts';

export type { BuildProgress, BuildRequest, BuildResult, PlatformName } from './build/types.ts';
export { builtImages } from './build/types.ts';

/**
 * Builds and pushes an image per service, several at a time, and only what changed: a service whose content key the registry knows
 * costs one bundling and two requests. One service's failure stops no other; results come in the order of `manifests`.
 */
export async function buildServices(request: BuildRequest): Promise<BuildResult[]> {
  let run: Run;
  try {
    run = startRun(request);
  } catch (error) {
    const failure = explain(error);
    return request.manifests.map(({ name }) => ({ ok: false, service: name, ...failure }));
  }
  try {
    return await inParallel(request.manifests, request.concurrency ?? availableParallelism(), (manifest) =>
      buildService(run, request, manifest),
    );
  } finally {
    await run.close();
  }
}

async function buildService(run: Run, request: BuildRequest, manifest: Manifest): Promise<BuildResult> {
  const service = manifest.name;
  // Not `performance`, which has to be loaded first.
  const started = process.hrtime.bigint();
  const seconds = (): number => Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000;
  const build: ServiceBuild = {
    request,
    manifest,
    repository: repositoryName(request.app, service),
    client: run.client,
    report: (message) => request.onProgress?.({ service, message, seconds: seconds() }),
  };
  try {
    const builder =
      manifest.builder === 'dockerfile' ? buildDockerfileService(run.root, build) : buildNodeService(run, build);
    const { notes, ...image } = await builder;
    return { ok: true, service, image: { ...image, seconds: seconds() }, notes };
  } catch (error) {
    const failure = explain(error);
    build.report(failure.problem);
    return { ok: false, service, ...failure };
  }
}

/** An expected failure in words; everything else is a bug and is thrown on. */
function explain(error: unknown): { problem: string; fix: string } {
  if (error instanceof BuildError) return { problem: error.message, fix: error.fix };
  if (error instanceof DigestError)
    return { problem: error.message, fix: 'Delete the damaged image from the registry and build again' };
  if (error instanceof RegistryError) return { problem: error.message, fix: fixOf(error) };
  if (error instanceof ChangedError) return { problem: error.message, fix: 'Build again when nothing writes to it' };
  if (error instanceof TarError)
    return { problem: `a layer is damaged: ${error.message}`, fix: 'Build the image again, or another way' };
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return { problem: 'the disk is full', fix: 'Make room in the folder for temporary files (TMPDIR) and build again' };
  if (code === 'EACCES' || code === 'EPERM')
    return { problem: String((error as Error).message), fix: 'Make the file readable' };
  if (code === 'ENOENT' || code === 'ELOOP')
    return { problem: String((error as Error).message), fix: 'Build again when nothing changes in the checkout' };
  throw error;
}

function fixOf({ status, code }: RegistryError): string {
  if (status === 401 || status === 403) return 'Check the credentials and that they may push to this repository';
  if (code === 'NAME_UNKNOWN') return 'Create the repository first: "provision" does it with the account stack';
  if (status === 0) return 'Check that the registry runs and can be reached, then build again';
  return 'Build again; if it fails the same way, look at the registry';
}

/** At most `limit` at a time; results in the order of the items. */
async function inParallel<Item, Value>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const results = new Map<number, Value>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, worker));
  return items.flatMap((_, index) => (results.has(index) ? [results.get(index) as Value] : []));
}
