import { execFile } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyLayer } from '../../local/runtime/unpack.ts';
import { buildServices } from '../../pipeline/image/build.ts';
import { readLayer } from '../../pipeline/image/layer/layer.ts';
import { type ContainerConfig, type ImageConfig, isIndex } from '../../pipeline/image/registry/oci.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { startRegistry, type TestRegistry } from '../images/cloud.ts';
import { pushStandInArm64 } from './arm64-base.ts';

const root = join(import.meta.dirname, '../..');
const EMULATOR = '/usr/bin/qemu-aarch64-static';
const SERVICE: Manifest = {
  ...{ name: 'model', description: 'Runs a model', kind: 'job', entry: 'main.ts', builder: 'node' },
  ...{ cpu: 256, memory: 1024, timeout: 60, assets: ['model.onnx'] },
};
const MAIN = `import { InferenceSession, Tensor } from 'onnxruntime-node';

const session = await InferenceSession.create('/app/model.onnx');
const [input] = session.inputNames;
const features = new Tensor('float32', [4, 97, 67, 2065, 17.8, 1980, 2], [1, 7]);
const outputs = await session.run({ [String(input)]: features });
const values = Object.values(outputs).map(({ data }) => Array.from(data as Float32Array));
console.log(JSON.stringify({ architecture: process.arch, user: process.getuid?.(), values }));
`;

let folder: string;
let registry: TestRegistry;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-arm64-'));
  registry = await startRegistry();
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A checkout whose only service runs a model of the repository's own. */
function createCheckout(): string {
  const checkout = join(folder, 'checkout');
  mkdirSync(join(checkout, 'services/model'), { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, name), join(checkout, name));
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const model = join(root, 'services/inference/models/fuel-economy/1/model.onnx');
  cpSync(model, join(checkout, 'services/model/model.onnx'));
  writeFileSync(join(checkout, 'services/model/main.ts'), MAIN);
  return checkout;
}

/** Unpacks the image into `rootfs`. Returns how it wants to be started. */
async function unpack(repository: string, digest: string, rootfs: string): Promise<ContainerConfig> {
  const { client } = registry;
  const document = (await client.pullManifest(repository, digest))?.document;
  if (document === undefined || isIndex(document)) throw new Error(`${digest} is not one image`);
  const { rootfs: layers, config } = JSON.parse(
    (await client.readBlob({ repository, ...document.config })).toString(),
  ) as ImageConfig;
  mkdirSync(rootfs);
  for (const [index, { mediaType, ...blob }] of document.layers.entries()) {
    const layer = { mediaType, diffId: layers.diff_ids[index] ?? '' };
    await applyLayer(rootfs, readLayer(client.openBlob({ repository, ...blob }), layer));
  }
  return config ?? {};
}

/** Native files below `folder` -> the number of the processor that they are for (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html). */
function machinesIn(folder: string): Map<string, number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((found) => found.isFile());
  const heads = files.map(({ parentPath, name }) => [join(parentPath, name), headOf(join(parentPath, name))] as const);
  const native = heads.filter(([, head]) => head.toString('latin1', 0, 4) === '\x7fELF');
  return new Map(native.map(([file, head]) => [file, head.readUInt16LE(18)]));
}

function headOf(file: string): Buffer {
  const head = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, head, 0, head.length, 0);
  closeSync(descriptor);
  return head;
}

test('an image for arm64, built on another processor, runs a model in its own file system', async () => {
  const base = await pushStandInArm64(registry);
  const [result] = await buildServices({
    ...{ root: createCheckout(), manifests: [SERVICE], app: 'app', commit: 'c1' },
    ...{ registry: { host: registry.host }, base, platforms: ['linux/arm64'] },
  });
  if (!result?.ok) throw new Error(result?.problem);
  const rootfs = join(folder, 'rootfs');
  const container = await unpack('app/model', result.image.digest, rootfs);
  const machines = machinesIn(rootfs);
  const aarch64 = 183;
  expect([...machines].filter(([, machine]) => machine !== aarch64)).toEqual([]);
  expect([...machines.keys()].filter((path) => path.includes('onnxruntime'))).toHaveLength(2);

  copyFileSync(EMULATOR, join(rootfs, 'emulator'));
  const { Entrypoint, Env, User, WorkingDir } = container;
  const enter = [`--root=${rootfs}`, `--wd=${WorkingDir}`, `--setuid=${User}`];
  const { stdout } = await promisify(execFile)('/usr/bin/unshare', [...enter, '/emulator', ...(Entrypoint ?? [])], {
    env: Object.fromEntries((Env ?? []).map((pair) => pair.split('=', 2))),
  });
  const { values, ...who } = JSON.parse(stdout);
  expect(who).toEqual({ architecture: 'arm64', user: 1000 });
  expect(values[0][0]).toBeGreaterThan(28);
  expect(values[0][0]).toBeLessThan(42);
}, 300_000);
