import { realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryName } from '../../manifest/names.ts';
import { createRegistryClient, type RegistryClient } from '../registry/client.ts';
import { type Base, resolveBase } from './base.ts';
import { type Bundler, loadBundler } from './esbuild.ts';
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
  readonly base: Base;
  readonly layers: LayerStore;
  /** Ends the bundler and removes temporary files. */
  close(): Promise<void>;
}

/** Throws `BuildError` or `RegistryError` when nothing at all can be built. */
export async function startRun(request: BuildRequest): Promise<Run> {
  const root = realpathSync(request.root);
  const client = createRegistryClient(request.registry);
  const lockfile = readLockfile(root);
  const bundler = loadBundler(request.tools ?? root);
  const base = await resolveBase({ reference: request.base, registry: request.registry, client }).catch(
    async (error: unknown) => {
      await bundler.stop();
      throw error;
    },
  );
  const folder = await mkdtemp(join(tmpdir(), 'slipway-layers-'));
  const siblings = request.manifests.map(({ name }) => repositoryName(request.app, name));
  const layers = new LayerStore({ client, folder, siblings });
  const close = async (): Promise<void> => {
    await Promise.all([bundler.stop(), rm(folder, { recursive: true, force: true })]);
  };
  const packageNames = [...new Set([...lockfile.packages.values()].map(({ name }) => name))];
  const nativeNames = nativePackages(root, lockfile);
  return { root, client, lockfile, nativeNames, packageNames, sourceDigests: new Map(), bundler, base, layers, close };
}
