import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { resolveBase } from '../../pipeline/image/build/base.ts';
import { composeImage } from '../../pipeline/image/build/document.ts';
import { closureOf, readLockfile } from '../../pipeline/image/build/lockfile.ts';
import { folderEntries } from '../../pipeline/image/layer/entries.ts';
import { packLayer } from '../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob, remoteBlob } from '../../pipeline/image/registry/blobs.ts';
import type { RegistryClient } from '../../pipeline/image/registry/client.ts';

const root = join(import.meta.dirname, '../..');
const NATIVE = 'onnxruntime-node';
const REPOSITORY = 'bench/node-with-npm';
const NPM = 'usr/local/lib/node_modules/npm';
const PRUNE = `for(const path of ['darwin','win32','linux/arm64'])require('fs').rmSync('node_modules/onnxruntime-node/bin/napi-v6/'+path,{recursive:true})`;

/** The packages come from the lock file, in a stage of their own that changes with it only, as good Dockerfiles have it. */
const dockerfile = (base: string, baseWithNpm: string): string => `FROM ${baseWithNpm} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm ["/usr/local/bin/node", "/${NPM}/bin/npm-cli.js", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
RUN ["/usr/local/bin/node", "-e", ${JSON.stringify(PRUNE)}]

FROM ${base}
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY main.mjs main.mjs
USER 1000
ENTRYPOINT ["/usr/local/bin/node", "main.mjs"]
`;

export interface NpmRequest {
  readonly folder: string;
  readonly client: RegistryClient;
  /** Base of the image. */
  readonly base: string;
}

/**
 * A build context whose Dockerfile runs `npm ci`, and the packages for it on a port of this machine: the benchmark measures builders and
 * not how far npm's registry is, which favours them.
 */
export async function createNpmContext(request: NpmRequest): Promise<{ context: string; close(): void }> {
  const { folder, base } = request;
  const context = join(folder, 'context-npm-ci');
  const archives = join(folder, 'archives');
  mkdirSync(context);
  const server = createServer(({ url = '' }, response) => {
    const file = join(archives, url.slice(1));
    response.writeHead(200, { 'content-length': statSync(file).size });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const packages = await packPackages(archives, origin);
  const { version } = packages[`node_modules/${NATIVE}`] as { version: string };
  const project = { name: 'inference', version: '1.0.0', dependencies: { [NATIVE]: version } };
  const lock = { ...project, lockfileVersion: 3, requires: true, packages: { '': project, ...packages } };
  writeFileSync(join(context, 'package.json'), JSON.stringify(project));
  writeFileSync(join(context, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(join(context, 'Dockerfile'), dockerfile(base, await pushBaseWithNpm(request)));
  return { context, close: () => server.close() };
}

/** Archives of the native package and what it depends on, as npm has them. Returns their entries of the lock file. */
async function packPackages(folder: string, origin: string): Promise<Record<string, object>> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const entries: Record<string, object> = {};
  for (const { path } of closureOf(readLockfile(root), [{ name: NATIVE }])) {
    const files = folderEntries(join(root, path), 'package', (file) => file !== 'node_modules');
    const { file } = await packLayer(files, { folder, level: 1 });
    const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    entries[path] = { ...packages[path], resolved: `${origin}${file.slice(folder.length)}`, integrity };
  }
  return entries;
}

/** The base with npm in it, as public images of Node have it. */
async function pushBaseWithNpm({ folder, client, base }: NpmRequest): Promise<string> {
  const { host } = client;
  const standIn = await resolveBase({ reference: base, registry: { host }, client });
  const { repository } = standIn;
  const below = await standIn.image(process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64');
  const program = execFileSync('/bin/sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  const npm = join(realpathSync(program), '../..');
  const layer = await packLayer(folderEntries(npm, NPM), { folder, level: 1 });
  const { os, architecture } = below.config;
  const image = composeImage({
    platform: { os, architecture },
    base: below,
    layers: [{ ...layer, name: 'npm', key: 'npm' }],
    container: below.config.config ?? {},
    annotations: {},
  });
  const ours = [fileBlob(layer), bytesBlob(image.config)];
  const theirs = below.manifest.layers.map((one) =>
    remoteBlob(client, { repository, digest: one.digest, size: one.size }),
  );
  await Promise.all([...ours, ...theirs].map((blob) => client.ensureBlob(REPOSITORY, blob, { from: [repository] })));
  const { digest } = await client.pushManifest({ repository: REPOSITORY, target: 'node24' }, image.manifest);
  return `${host}/${REPOSITORY}@${digest}`;
}
