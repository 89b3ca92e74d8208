import { type Bundle, type BundleRequest, type Sources, toBundle, withoutPrefix } from './bundle.ts';
import { type Bundler, runBundler } from './esbuild.ts';
import { PACKAGE_PREFIX } from './own-code.ts';

/** Beside the own code: everything that it takes from packages, which changes with the lock file and seldom else. */
export const PACKAGES_FILE = 'packages.mjs';

/** What own code takes from packages: specifier (`@a/b/c`) -> names, both sorted. */
export type PackageImports = ReadonlyMap<string, readonly string[]>;

/** An import statement as esbuild writes it; one for the mere effect has no `from`. */
const STATEMENT = new RegExp(
  `\\bimport\\s*(?:([\\w$]+)\\s*,?\\s*)?(\\{[^}]*\\}|\\*\\s*as\\s+[\\w$]+)?\\s*from\\s*"${PACKAGE_PREFIX}([^"]+)"(\\s*with\\b)?`,
  'g',
);
const NAME = /^([\w$]+)(?:\s+as\s+[\w$]+)?$/;

/**
 * The names that own code imports from packages. Undefined when it cannot be known which names are used, or when what runs first
 * matters: a namespace, `import()`, `require`, an import for its effect, with attributes (JSON), names that are passed on. Such a service
 * stays one bundle.
 */
export function packageImports({
  bundle,
  specifiers,
}: Pick<Sources, 'bundle' | 'specifiers'>): PackageImports | undefined {
  const wanted = specifiers.filter(({ path }) => path.startsWith(PACKAGE_PREFIX));
  if (wanted.some(({ kind }) => kind !== 'import-statement')) return undefined;
  const statements = [...Buffer.from(bundle.code).toString().matchAll(STATEMENT)];
  if (statements.length !== wanted.length) return undefined;
  const names = new Map<string, Set<string>>(wanted.map(({ path }) => [withoutPrefix(path), new Set()]));
  for (const [, byDefault, clause = '', specifier = '', attributes] of statements) {
    if (clause.startsWith('*') || attributes !== undefined) return undefined;
    if (byDefault !== undefined) names.get(specifier)?.add('default');
    for (const part of clause.slice(1, -1).split(',').filter(Boolean)) {
      const name = NAME.exec(part.trim())?.[1];
      if (name === undefined) return undefined;
      names.get(specifier)?.add(name);
    }
  }
  return new Map([...names].sort(byFirst).map(([specifier, found]) => [specifier, [...found].sort()]));
}

const byFirst = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

interface Place {
  /** File that own code imports the names from. */
  readonly file: string;
  readonly names: readonly { readonly name: string; readonly exported: string }[];
}

/** Where each package's names are: in `packages.mjs`; when another package has a name of them already, in a file that passes them on. */
function placesOf(imports: PackageImports): ReadonlyMap<string, Place> {
  const taken = new Set<string>();
  const placed = [...imports].map(([specifier, names], index): [string, Place] => {
    const apart = names.some((name) => taken.has(name));
    const exported = names.map((name) => ({ name, exported: apart ? `p${index}_${name}` : name }));
    for (const one of exported) taken.add(one.exported);
    return [specifier, { file: apart ? `packages/${index}.mjs` : PACKAGES_FILE, names: exported }];
  });
  return new Map(placed);
}

/** The own code with its imports turned to the files beside it. No character moves, so the source map stays right. */
export function importFromPackages(bundle: Bundle, imports: PackageImports): Bundle {
  const places = placesOf(imports);
  const code = Buffer.from(bundle.code)
    .toString()
    .replaceAll(STATEMENT, (statement, _byDefault, _clause, specifier: string) => {
      const before = statement.slice(0, statement.lastIndexOf('"', statement.length - 2));
      return `${before}"./${places.get(specifier)?.file}"`.padEnd(statement.length);
    });
  return { ...bundle, code: Buffer.from(code) };
}

export interface PackagesBundle extends Bundle {
  /** Files beside it that pass names on. */
  readonly others: ReadonlyMap<string, string>;
}

/** Everything that `imports` names and what that needs in turn, native packages excepted. Throws `BuildError`. */
export async function bundlePackages(
  bundler: Bundler,
  { root, external }: Pick<BundleRequest, 'root' | 'external'>,
  imports: PackageImports,
): Promise<PackagesBundle> {
  const places = placesOf(imports);
  const lines = [...places].map(([specifier, { names }]) => {
    const passed = names.map(({ name, exported }) => `${name} as ${exported}`);
    return `export{${passed.join(',')}}from${JSON.stringify(specifier)};`;
  });
  const input = { code: lines.join('\n') };
  const what = [...imports.keys()].join(', ');
  const output = await runBundler(bundler, what, { root, input, output: PACKAGES_FILE, external });
  return { ...toBundle(output, external), others: new Map([...places.values()].flatMap(passOn)) };
}

function passOn({ file, names }: Place): [string, string][] {
  if (file === PACKAGES_FILE) return [];
  const passed = names.map(({ name, exported }) => `${exported} as ${name}`);
  return [[file, `export{${passed.join(',')}}from"../${PACKAGES_FILE}";\n`]];
}
