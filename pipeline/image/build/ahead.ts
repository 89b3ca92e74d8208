import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundlerRequest, type BundlerRun, beginBundler, findBundler } from './esbuild.ts';
import { ownCodeRequest } from './own-code.ts';

/** Bundling that began before it was known whether it is wanted. */
export interface Ahead {
  /** Folder for temporary files of the whole build; undefined when it could not be made. */
  readonly folder: string | undefined;
  /** The run that was asked for exactly this, if there is one that nobody has taken. */
  take(request: BundlerRequest): BundlerRun | undefined;
  /** Ends what nobody has taken, and removes the folder. */
  close(): void;
}

export interface AheadRequest {
  readonly root: string;
  /** Checkout whose bundler is run. Default: `root`. */
  readonly tools?: string;
  /** Names of services; none: all. */
  readonly services: readonly string[];
  readonly sourceMap?: boolean;
}

/**
 * Has the services bundled that a build will begin with, while the rest of the program is loaded and the manifests and the lock file are read: what the bundler is asked for depends on few small
 * files. Nothing fails here: what cannot be read or bundled is told by the build, which asks for it again.
 */
export function bundleAhead({ root, tools, services, sourceMap = false }: AheadRequest): Ahead {
  const begun = new Map<string, BundlerRun>();
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'slipway-build-'));
    const real = realpathSync(root);
    const program = findBundler(tools ?? root);
    const names = [...(services.length > 0 ? services : readdirSync(join(real, 'services')))].sort();
    for (const manifest of names.flatMap((name) => readEntry(real, name)).slice(0, availableParallelism())) {
      const request = ownCodeRequest({ root: real, manifest, sourceMap });
      begun.set(JSON.stringify(request), beginBundler({ program, folder }, request));
    }
  } catch {
    // The build comes to the same, and tells.
  }
  return {
    folder,
    take(request) {
      const key = JSON.stringify(request);
      const run = begun.get(key);
      begun.delete(key);
      return run;
    },
    close() {
      for (const { end } of begun.values()) end();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** What a manifest says that was not checked yet; nothing when there is nothing to bundle. */
function readEntry(root: string, name: string): { name: string; entry: string }[] {
  try {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) return [];
    const file = join(root, 'services', name, 'service.json');
    const { builder, entry } = JSON.parse(readFileSync(file, 'utf8')) as { builder?: unknown; entry?: unknown };
    return builder === 'node' && typeof entry === 'string' ? [{ name, entry }] : [];
  } catch {
    return [];
  }
}
