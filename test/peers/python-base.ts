import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hostLibraries, systemFiles } from '../../local/registry/host-libraries.ts';
import { composeImage } from '../../pipeline/image/build/document.ts';
import { type Entry, EXECUTABLE, fileEntry, folderEntries } from '../../pipeline/image/layer/entries.ts';
import { packLayer } from '../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob } from '../../pipeline/image/registry/blobs.ts';
import type { RegistryClient } from '../../pipeline/image/registry/client.ts';

/** Parts of the standard library that no service imports, and what tests cannot need. */
const LEFT_OUT =
  /(?:^|\/)(?:__pycache__|test|tests|idlelib|tkinter|turtledemo|lib2to3|ensurepip|config-[^/]*|dist-packages)$/;
const REPOSITORY = 'stand-in/python';

/**
 * Stands in for a public Python image, which nobody here can reach: Debian's own python3, its standard library, a shell, and the C
 * library of this machine, packed by our own layer writer. Returns its reference.
 */
export async function pushStandInPython({ host, client }: { host: string; client: RegistryClient }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-python-'));
  try {
    const layer = await packLayer(entries(), { folder, level: 1 });
    const image = composeImage({
      platform: { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
      layers: [{ ...layer, name: "stand-in: this machine's python3", key: 'python' }],
      container: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Cmd: ['python3'] },
      annotations: {},
    });
    await Promise.all([fileBlob(layer), bytesBlob(image.config)].map((blob) => client.ensureBlob(REPOSITORY, blob)));
    await client.pushManifest({ repository: REPOSITORY, target: '3' }, image.manifest);
    return `${host}/${REPOSITORY}:3`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function entries(): Entry[] {
  if (!existsSync('/usr/bin/python3')) throw new Error('install the Debian package python3');
  const binary = realpathSync('/usr/bin/python3');
  const library = join('/usr/lib', basename(binary));
  const shell = realpathSync('/bin/sh');
  const extensions = readdirSync(join(library, 'lib-dynload')).map((name) => join(library, 'lib-dynload', name));
  const program = (path: string, file: string): Entry => ({ ...fileEntry(path, file), mode: EXECUTABLE });
  return [
    ...systemFiles(),
    ...hostLibraries(binary, shell, ...extensions),
    program('usr/bin/python3', binary),
    program('bin/sh', shell),
    ...folderEntries(library, library.slice(1), (path) => !LEFT_OUT.test(path)),
  ];
}
