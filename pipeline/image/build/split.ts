import { type Bundle, type BundleRequest, bundleService, type Sources, toBundle } from './bundle.ts';
import { type Bundler, type Plugin, packageName, runBundler } from './esbuild.ts';

/** Beside the own code: everything that it takes from packages, which changes with the lock file and seldom else. */
export const PACKAGES_FILE = 'packages.mjs';

/** What own code takes from packages: specifier (`@a/b/c`) -> names, both sorted. */
export type PackageImports = ReadonlyMap<string, readonly string[]>;

/** An import statement as esbuild writes it; one for the mere effect has no `from`. */
const STATEMENT = /\bimport\s*(?:([\w$]+)\s*,?\s*)?(\{[^}]*\}|\*\s*as\s+[\w$]+)?\s*from\s*"([^"]+)"/g;
const NAME = /^([\w$]+)(?:\s+as\s+[\w$]+)?$/;

/**
 * The names that own code imports from the packages named `bundled`. Undefined when it cannot be known which names are used, or when
 * what runs first matters: a namespace, `import()`, `require`, an import for its effect. Such a service stays one bundle.
 */
export function packageImports(
  { code, specifiers }: Pick<Sources, 'code' | 'specifiers'>,
  bundled: ReadonlySet<string>,
): PackageImports | undefined {
  const wanted = specifiers.filter(({ path }) => bundled.has(packageName(path)));
  if (wanted.some(({ kind }) => kind !== 'import-statement')) return undefined;
  const names = new Map<string, Set<string>>(wanted.map(({ path }) => [path, new Set()]));
  for (const [, byDefault, clause = '', specifier = ''] of code.matchAll(STATEMENT)) {
    const known = names.get(specifier);
    if (known === undefined) continue;
    if (clause.startsWith('*')) return undefined;
    if (byDefault !== undefined) known.add('default');
    for (const part of clause.slice(1, -1).split(',').filter(Boolean)) {
      const name = NAME.exec(part.trim())?.[1];
      if (name === undefined) return undefined;
      known.add(name);
    }
  }
  if ([...names.values()].some(({ size }) => size === 0)) return undefined;
  return new Map([...names].sort(byFirst).map(([specifier, found]) => [specifier, [...found].sort()]));
}

const byFirst = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Names of different packages may be the same. */
const exported = (index: number, name: string): string => `p${index}_${name}`;

/** The own code alone, with its imports of packages turned to `packages.mjs`. Throws `BuildError`, also for a name that `imports` lacks. */
export const bundleOwnCode = (bundler: Bundler, request: BundleRequest, imports: PackageImports): Promise<Bundle> =>
  bundleService(bundler, request, imports.size === 0 ? [] : [redirect(imports)]);

/** Stands in for each package with a module that passes on what `packages.mjs` holds of it. */
function redirect(imports: PackageImports): Plugin {
  const specifiers = [...imports.keys()];
  const escaped = specifiers.map((specifier) => specifier.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const namespace = 'package';
  return {
    name: 'packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^(?:${escaped.join('|')})$`) }, ({ path }) => ({
        path,
        namespace,
        sideEffects: false,
      }));
      onResolve({ filter: /./, namespace }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /./, namespace }, ({ path }) => {
        const index = specifiers.indexOf(path);
        const names = (imports.get(path) ?? []).map((name) => `${exported(index, name)} as ${name}`);
        return { contents: `export{${names.join(',')}}from"./${PACKAGES_FILE}"`, loader: 'js' };
      });
    },
  };
}

/** Everything that `imports` names and what that needs in turn, native packages excepted. Throws `BuildError`. */
export async function bundlePackages(
  bundler: Bundler,
  { root, external }: Pick<BundleRequest, 'root' | 'external'>,
  imports: PackageImports,
): Promise<Bundle> {
  const lines = [...imports].map(([specifier, names], index) => {
    const passed = names.map((name) => `${name} as ${exported(index, name)}`);
    return `export{${passed.join(',')}}from${JSON.stringify(specifier)};`;
  });
  const output = await runBundler(bundler, [...imports.keys()].join(', '), {
    absWorkingDir: root,
    stdin: { contents: lines.join('\n'), resolveDir: root, sourcefile: PACKAGES_FILE, loader: 'js' },
    outfile: PACKAGES_FILE,
    external: [...external],
  });
  return toBundle(output, external);
}
