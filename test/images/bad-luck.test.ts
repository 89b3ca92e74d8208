import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildRequest, BuildResult } from '../../pipeline/image/build.ts';
import { pushBase, startRegistry } from './cloud.ts';
import { type Scene, startScene } from './scene.ts';

const SCRIPT = join(import.meta.dirname, 'build-once.ts');
const ARGUMENTS = ['--disable-warning=ExperimentalWarning', SCRIPT];
/** 4 MB that do not compress and are the same in every run. */
const MODEL = Buffer.concat(
  Array.from({ length: 1 << 16 }, (_, index) => createHash('sha512').update(`${index}`).digest()),
);

let scene: Scene;
const closing: (() => void)[] = [];
beforeEach(async () => {
  scene = await startScene();
  scene.checkout.write('services/scorer/model/large.onnx', MODEL);
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await scene.close();
});

const requestTo = (host: string): BuildRequest => ({
  root: scene.checkout.root,
  manifests: [scene.checkout.manifests[1]],
  commit: 'c1',
  registry: { host },
  app: 'app',
  base: `${host}/base/node:24`,
});

/** Stands before the registry, lets so many bytes through and then nothing any more, without closing anything. */
async function startStallingProxy(port: number, limit: number): Promise<{ host: string; stalled: Promise<void> }> {
  let stall = (): void => undefined;
  const stalled = new Promise<void>((resolve) => {
    stall = resolve;
  });
  let carried = 0;
  const server = createTcpServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    for (const socket of [incoming, outgoing]) socket.on('error', () => undefined);
    outgoing.pipe(incoming);
    incoming.on('data', (chunk) => {
      carried += chunk.length;
      if (carried < limit) outgoing.write(chunk);
      else stall();
    });
    incoming.on('close', () => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, stalled };
}

test('a build that is killed in the middle of an upload leaves no tag, and the next one yields the right image', async () => {
  const { registry, checkout } = scene;
  const { host, stalled } = await startStallingProxy(registry.registry.port, 2_000_000);
  const child = spawn(process.execPath, [...ARGUMENTS, JSON.stringify(requestTo(host))], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await stalled;
  child.kill('SIGKILL');
  await ended;
  expect(await registry.client.listTags('app/scorer')).toEqual([]);
  const other = await startRegistry();
  await pushBase(other);
  const [after] = await scene.build(requestTo(registry.host));
  const [untouched] = await scene.build({ ...requestTo(other.host), root: checkout.root });
  await other.close();
  if (!after?.ok || !untouched?.ok) throw new Error(JSON.stringify([after, untouched]));
  expect(after.image).toMatchObject({ changed: true, digest: untouched.image.digest });
  expect((await scene.inspect('app/scorer', after.image.digest)).files).toContain('app/model/large.onnx');
});

test.each([
  ['refuses every write for good', 507, 'status 507'],
  ['has lost the right to push', 403, 'status 403'],
])('a registry that %s fails the build, and nothing is tagged', async (_what, status, problem) => {
  const { registry } = scene;
  const proxy = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"errors":[]}');
      return;
    }
    void fetch(`http://${registry.host}${request.url}`, {
      method: request.method,
      headers: { accept: String(request.headers.accept ?? '*/*') },
    })
      .then(async (answer) => {
        const { 'content-encoding': _, ...headers } = Object.fromEntries(answer.headers);
        response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
      })
      // A build that has failed may still be looking for something when the registry goes away.
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const [result] = await scene.build(requestTo(`127.0.0.1:${(proxy.address() as AddressInfo).port}`));
  expect(result).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  expect(await registry.client.listTags('app/scorer')).toEqual([]);
});

test('wrong credentials are told with the way out', async () => {
  const strict = await startRegistry({ authenticate: (_username, password) => password === 'right' });
  const registry = { host: strict.host, credentials: async () => ({ username: 'AWS', password: 'wrong' }) };
  const [result] = await scene.build({ registry });
  await strict.close();
  expect(result).toMatchObject({ ok: false, fix: expect.stringContaining('credentials') });
  expect(JSON.stringify(result)).not.toContain('wrong');
});

test('assets with spaces, other alphabets, links and very long paths come through under their own names', async () => {
  const deep = `${'a folder with a long name/'.repeat(12)}weights.onnx`;
  const names = ['with space.onnx', 'Ελληνικά.onnx', '模型.onnx', `${'x'.repeat(200)}.onnx`, deep];
  for (const name of names) scene.checkout.write(`services/scorer/model/${name}`, name);
  symlinkSync('模型.onnx', join(scene.checkout.root, 'services/scorer/model/link.onnx'));
  const scorer = { ...scene.checkout.manifests[1], assets: ['model/**'] };
  const { scorer: image } = await scene.built({ manifests: [scorer] });
  const { files } = await scene.inspect('app/scorer', image?.digest);
  expect(files).toEqual(expect.arrayContaining([...names, 'link.onnx'].map((name) => `app/model/${name}`)));
});

test('two processes that build the same commit at once agree on one image', async () => {
  const run = async (): Promise<BuildResult[]> => {
    const request = JSON.stringify(requestTo(scene.registry.host));
    return JSON.parse((await promisify(execFile)(process.execPath, [...ARGUMENTS, request])).stdout);
  };
  const results = (await Promise.all([run(), run(), run()])).flat();
  const digests = results.map((result) => (result.ok ? result.image.digest : result.problem));
  expect(new Set(digests).size).toBe(1);
  expect(digests[0]).toMatch(/^sha256:/);
});
