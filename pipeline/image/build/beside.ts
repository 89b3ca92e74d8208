import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';
import type { Asset } from './assets.ts';
import type { Bundle } from './bundle.ts';
import { packageName } from './esbuild.ts';
import { BuildError } from './types.ts';

/** How code finds files that lie beside it. A CommonJS module that does so ends with a ReferenceError in a bundle, which is an ES module. */
const OWN_PLACE =
  /\b__(?:dirname|filename)\b|\bimport\.meta\.(?:dirname|filename)\b|\bnew URL\([^()]*,\s*import\.meta\.url\)/;
const OWN_FILE = /\bnew URL\("([^"]+)",\s*import\.meta\.url\)/g;
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:/i;

/** Throws `BuildError` when a package in the bundle looks for files beside its code, which it would not find there. */
export function requireNoReaders(root: string, service: string, { code, inputs }: Bundle): void {
  if (!OWN_PLACE.test(text(code))) return;
  const files = [...inputs].filter(([file, bytes]) => bytes > 0 && file.includes('node_modules/'));
  const reader = files.find(([file]) => existsSync(join(root, file)) && OWN_PLACE.test(uncommented(join(root, file))));
  if (reader === undefined) return;
  const [file] = reader;
  const name = packageName(file.slice(file.lastIndexOf('node_modules/') + 'node_modules/'.length));
  throw new BuildError(
    `${name} looks for files beside its own code (${file}), and in a bundle there are none`,
    `Add "${name}" to "external" in services/${service}/service.json: it then goes into the image as it is`,
  );
}

/** What own code asks for beside itself (`new URL('./model/', import.meta.url)`) has to be an asset. Throws `BuildError`. */
export function requireOwnFiles(service: string, code: Uint8Array, assets: readonly Asset[]): void {
  const wanted = [...text(code).matchAll(OWN_FILE)].map(([, path = '']) => path);
  const missing = wanted.find((path) => !HAS_SCHEME.test(path) && !isAsset(path, assets));
  if (missing === undefined) return;
  throw new BuildError(
    `services/${service} asks for ${missing} beside its code (new URL(..., import.meta.url)), and the image does not have it`,
    `Add it to "assets" in services/${service}/service.json; what shall run as a worker is started with the program itself and an argument`,
  );
}

/** Own code lies in the image where the service's folder is; what leads out of it is for a checkout. */
function isAsset(path: string, assets: readonly Asset[]): boolean {
  const place = normalize(decodeURIComponent(path));
  if (place.startsWith('..') || place === './' || place === '.') return true;
  const wanted = join('app', place);
  return assets.some(({ entry }) => entry.path === wanted || entry.path.startsWith(wanted.replace(/\/?$/, '/')));
}

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** Comments name places without looking there. */
const uncommented = (file: string): string =>
  readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
