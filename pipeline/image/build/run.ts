import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
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
  /** All installed packages. */
  readonly packageNames: readonly string[];
  /** SHA-256 of the repository's own files as far as they were read: services share most of them. */
  readonly sourceDigests: Map<string, string>;
  readonly bundler: Bundler;
  /** Looked up while the services are bundled. Rejects with `BuildError` or `RegistryError`. */
  readonly base: Promise<Base>;
  readonly layers: LayerStore;
  /** Removes temporary files. */
  close(): Promise<void>;
}

/** Throws `BuildError` when nothing at all can be built. */
export function startRun(request: BuildRequest): Run {
  const root = realpathSync(request.root);
  const client = createRegistryClient(request.registry);
  const base = resolveBase({ reference: request.base, registry: request.registry, client });
  // Every service that needs it is told.
  base.catch(() => undefined);
  const lockfile = readLockfile(root);
  const nativeNames = nativePackages(root, lockfile);
  const program = findBundler(request.tools ?? root);
  // Last, so that nothing is left behind when the checkout cannot be built.
  const folder = mkdtempSync(join(tmpdir(), 'slipway-build-'));
  const siblings = request.manifests.map(({ name }) => repositoryName(request.app, name));
  return {
    root,
    client,
    lockfile,
    nativeNames,
    packageNames: [...new Set([...lockfile.packages.values()].map(({ name }) => name))],
    sourceDigests: new Map(),
    bundler: { program, folder },
    base,
    layers: new LayerStore({ client, folder, siblings }),
    // A build that has failed may still be packing.
    close: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}
