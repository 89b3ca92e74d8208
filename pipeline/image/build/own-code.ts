import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../manifest/types.ts';
import type { BundlerRequest } from './esbuild.ts';

export const BUNDLE_FILE = 'main.mjs';

/** Before the names of packages in own code that has been bundled without them: no text of the code itself looks like it. */
export const PACKAGE_PREFIX = 'slipway-packages:';

export interface OwnCode {
  /** Real path of the checkout. */
  readonly root: string;
  readonly manifest: Pick<Manifest, 'name' | 'entry'>;
  readonly sourceMap?: boolean;
}

export const entryOf = ({ name, entry }: OwnCode['manifest']): string => `services/${name}/${entry}`;

/** What the bundler is asked for first: the service's own code in one module, without the packages that are declared. Few small files tell which. */
export function ownCodeRequest({ root, manifest, sourceMap = false }: OwnCode): BundlerRequest {
  const packages = [...declaredIn(root, ''), ...declaredIn(root, `services/${manifest.name}`)];
  return {
    root,
    input: { entry: entryOf(manifest) },
    output: BUNDLE_FILE,
    external: [],
    renamed: { prefix: PACKAGE_PREFIX, packages: [...new Set(packages)].sort() },
    sourceMap,
  };
}

/** Names of packages that the folder's package.json gives its code to import; none when it has no such file, or a damaged one. */
function declaredIn(root: string, folder: string): string[] {
  try {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    ) as Record<'dependencies' | 'optionalDependencies', Record<string, string> | undefined>;
    return [...Object.keys(dependencies), ...Object.keys(optionalDependencies)];
  } catch {
    return [];
  }
}
