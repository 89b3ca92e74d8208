import { globSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import type { Manifest } from '../../manifest/types.ts';
import { EXECUTABLE, type FileEntry, PLAIN } from '../layer/entries.ts';
import { sha256 } from '../registry/digest.ts';
import { BuildError } from './types.ts';

export interface Asset {
  readonly entry: FileEntry;
  /** SHA-256 of the content. */
  readonly digest: string;
}

/**
 * The files that the manifest names as assets, as `/app/<path in the service's folder>`. Links are followed inside the folder. Throws
 * `BuildError` for a pattern without a file and for what lies outside the service's folder.
 */
export function findAssets(root: string, manifest: Pick<Manifest, 'name' | 'assets'>): Asset[] {
  const folder = join(root, 'services', manifest.name);
  const assets = (manifest.assets ?? []).flatMap((pattern, index) => {
    const field = `services/${manifest.name}/service.json: assets.${index} = "${pattern}"`;
    const found = globSync(pattern, { cwd: folder }).filter((path) => isFile(join(folder, path), field));
    if (found.length === 0)
      throw new BuildError(`${field} matches no file`, 'Correct the pattern, or make the file before the build');
    return found.map((path) => toAsset(folder, path, field));
  });
  const byPath = new Map(assets.map((asset) => [asset.entry.path, asset]));
  return [...byPath.values()].sort((a, b) => (a.entry.path < b.entry.path ? -1 : 1));
}

function isFile(file: string, field: string): boolean {
  try {
    return statSync(file).isFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ELOOP') throw cause;
    const problem = `${field} leads to ${basename(file)}, a link to ${code === 'ELOOP' ? 'itself' : 'nothing'}`;
    throw new BuildError(problem, 'Correct the link, or leave it out', { cause });
  }
}

function toAsset(folder: string, path: string, field: string): Asset {
  const file = realpathSync(join(folder, path));
  if (!isInside(realpathSync(folder), file) || !isInside(folder, join(folder, path))) {
    throw new BuildError(
      `${field} leads to ${path}, outside the service's folder`,
      'Copy the file into the service, or leave it out',
    );
  }
  const stats = statSync(file);
  const digest = sha256(readFileSync(file));
  const entry: FileEntry = {
    type: 'file',
    path: `app/${path.split(sep).join('/')}`,
    mode: stats.mode & 0o111 ? EXECUTABLE : PLAIN,
    content: { file, size: stats.size, digest },
  };
  return { entry, digest };
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
}
