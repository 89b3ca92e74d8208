import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryName } from '../../manifest/names.ts';
import { createRegistryClient, type RegistryClient } from '../registry/client.ts';
import { type Base, resolveBase } from './base.ts';
import { type Bundler, findBundler } from './esbuild.ts';
import { LayerStore } from './layer-store.ts';
import { type Lockfile, readLockfile } from './lockfile.ts';
import { nativePackages } from './native.ts';
import type { BuildRequest } from './types.ts';

/** What the services of one run share. */
export interface Run {
  /** Real path of the checkout. */
  readonly root: string;
  readonly client: RegistryClient;
  readonly lockfile: Lockfile;
  /** Packages that stay outside every bundle. */
  readonly nativeNames: readonly string[];
  /** SHA-256 of the repository's own files as far as they were read: services share most of them. */
  readonly sourceDigests: Map<string, string>;
  readonly bundler: Bundler;
  /** Looked up while the services are bundled. Rejects with `BuildError` or `RegistryError`. */
  readonly base: Promise<Base>;
  readonly layers: LayerStore;
  /** Notes what is begun before it is known whether it is wanted: only who waits for it is told when it fails, and it is over before the run is. */
  begin<Value>(work: Promise<Value>): Promise<Value>;
  /** Removes temporary files, unless they are in a folder that was given. */
  close(): Promise<void>;
}

/** Throws `BuildError` when nothing at all can be built. */
export function startRun(request: BuildRequest): Run {
  const root = realpathSync(request.root);
  const client = createRegistryClient(request.registry);
  const begun: Promise<unknown>[] = [];
  const begin: Run['begin'] = (work) => {
    begun.push(work.catch(() => undefined));
    return work;
  };
  const lockfile = readLockfile(root);
  const nativeNames = nativePackages(root, lockfile);
  const program = findBundler(request.tools ?? root);
  // These come last, so that nothing is left behind when the checkout cannot be built.
  const folder = request.ahead?.folder ?? mkdtempSync(join(tmpdir(), 'slipway-build-'));
  const base = begin(resolveBase({ reference: request.base, registry: request.registry, client }));
  const siblings = request.manifests.map(({ name }) => repositoryName(request.app, name));
  return {
    root,
    client,
    lockfile,
    nativeNames,
    sourceDigests: new Map(),
    bundler: { program, folder, begun: (wanted) => request.ahead?.take(wanted) },
    base,
    layers: new LayerStore({ client, folder, siblings }),
    begin,
    async close() {
      await Promise.all(begun);
      if (folder !== request.ahead?.folder) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
