/**
 * Own code bundled before it is known what packages there are: the bundler works while this program reads the lock file. Which names are
 * those of packages is taken from what is declared; what does not hold when more is known is bundled once more, so that the same sources
 * give the same code everywhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../manifest/types.ts';
import { bundleSources, PACKAGE_PREFIX, type Sources, withoutPrefix } from './bundle.ts';
import { type Bundler, packageName } from './esbuild.ts';
import { packagePathOf } from './lockfile.ts';

export interface EarlyBundler {
  /** Starts the bundler at once, the first time. Undefined when the code cannot be bundled like this. */
  bundle(manifest: Manifest): Promise<Sources | undefined>;
  /** When nothing runs any more. */
  ended(): Promise<void>;
}

/** @param root real path of the checkout */
export function createEarlyBundler(
  bundler: Bundler,
  { root, sourceMap }: { readonly root: string; readonly sourceMap: boolean },
): EarlyBundler {
  const started = new Map<string, Promise<Sources | undefined>>();
  return {
    bundle(manifest) {
      const { name } = manifest;
      const known = started.get(name);
      if (known !== undefined) return known;
      const request = { root, manifest, external: [], sourceMap };
      // Whoever bundles again is told what is wrong.
      const sources = bundleSources(bundler, request, declaredPackages(root, name)).catch(() => undefined);
      started.set(name, sources);
      return sources;
    },
    async ended() {
      await Promise.all(started.values());
    },
  };
}

/** Names that the repository's code may import, as far as package.json files tell. */
function declaredPackages(root: string, service: string): string[] {
  return [...new Set(['', `services/${service}`].flatMap((folder) => dependenciesOf(join(root, folder))))];
}

function dependenciesOf(folder: string): string[] {
  try {
    const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    return Object.keys(dependencies ?? {});
  } catch {
    return []; // A service needs no file of its own, and what is wrong with one is found by whoever reads it for its contents.
  }
}

/**
 * The same with the packages of `external` under their own names again, as bundling with all knowledge has it. No character moves, so
 * the source map stays right. Undefined when a package is none of `known`, or when one was bundled after all.
 */
export function settleEarly(
  { imports, bundle, specifiers }: Sources,
  { known, external }: { readonly known: ReadonlySet<string>; readonly external: readonly string[] },
): Sources | undefined {
  if ([...bundle.inputs.keys()].some((file) => packagePathOf(file) !== undefined)) return undefined;
  const isOutside = (specifier: string): boolean =>
    specifier.startsWith(PACKAGE_PREFIX) && external.includes(packageName(withoutPrefix(specifier)));
  const packages = specifiers.map(({ path }) => path).filter((path) => path.startsWith(PACKAGE_PREFIX));
  if (packages.some((path) => !known.has(packageName(withoutPrefix(path))))) return undefined;
  const native = external.filter((name) => packages.some((path) => packageName(withoutPrefix(path)) === name));
  if (native.length === 0) return { imports, bundle, specifiers };
  const code = Buffer.from(bundle.code)
    .toString()
    .replaceAll(SPECIFIER, (quoted, specifier: string) =>
      isOutside(specifier) ? `"${withoutPrefix(specifier)}"`.padEnd(quoted.length) : quoted,
    );
  const renamed = specifiers.map((one) => (isOutside(one.path) ? { ...one, path: withoutPrefix(one.path) } : one));
  return { imports, bundle: { ...bundle, code: Buffer.from(code), native }, specifiers: renamed };
}

const SPECIFIER = new RegExp(`"(${PACKAGE_PREFIX}[^"\\n]+)"`, 'g');
