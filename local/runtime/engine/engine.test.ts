import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLineReader } from '../lines.ts';
import { exitCodeOf } from '../runtime.ts';
import { createEngineClient } from './client.ts';
import { startEngineContainer } from './container.ts';
import { dockerSocket, whyUnusable } from './find.ts';
import { createFrameReader } from './frames.ts';
import { limitsFrom } from './limits.ts';
import { describeEngine } from './runtime.ts';
import { containerName, containerSettings, exitOf, homeMark } from './settings.ts';

describe('output', () => {
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const bytes = Buffer.concat([frame(1, 'héllo\nwor'), frame(2, 'oops'), frame(1, ''), frame(1, 'ld\nlast')]);

  test.each([1, 3, 7, 8, 9, bytes.length])('frames cut into pieces of %i bytes become the same lines', (size) => {
    const out: string[] = [];
    const errors: string[] = [];
    const readers = {
      stdout: createLineReader((line) => out.push(line)),
      stderr: createLineReader((line) => errors.push(line)),
    };
    const read = createFrameReader((stream, content) => readers[stream].write(content));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    readers.stdout.end();
    readers.stderr.end();
    expect([out, errors]).toEqual([['héllo', 'world', 'last'], ['oops']]);
  });
});

describe('settings', () => {
  const spec = { id: 'ecs-1', image: '127.0.0.1:1/a@sha256:0', environment: { A: 'b=c' }, onOutput: () => undefined };

  test('only what is declared is set', () => {
    expect(containerSettings('/home/x', spec)).toEqual({
      Image: spec.image,
      Env: ['A=b=c'],
      Labels: { 'slipway.home': homeMark('/home/x') },
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: {
        NetworkMode: 'host',
        ReadonlyRootfs: false,
        Tmpfs: { '/tmp': 'rw,exec,nosuid,mode=1777' },
        LogConfig: { Type: 'none' },
      },
    });
  });

  test('what is declared is passed on', () => {
    const declared = { user: '1000:1000', readonlyRootFilesystem: true, memory: 64, entryPoint: ['a'], command: ['b'] };
    const ulimits = [{ Name: 'nofile', Soft: 1, Hard: 2 }];
    expect(containerSettings('/home/x', { ...spec, ...declared, workingDirectory: '/w' }, ulimits)).toMatchObject({
      User: '1000:1000',
      Entrypoint: ['a'],
      Cmd: ['b'],
      WorkingDir: '/w',
      HostConfig: { ReadonlyRootfs: true, Memory: 64, MemorySwap: 64, Ulimits: ulimits },
    });
  });

  test('each folder has a mark and names of its own', () => {
    expect(homeMark('/home/x')).toMatch(/^[0-9a-f]{16}$/);
    expect(homeMark('/home/x/')).toBe(homeMark('/home/x'));
    expect(homeMark('/home/y')).not.toBe(homeMark('/home/x'));
    expect(containerName('/home/x', 'ecs-1')).toMatch(/^slipway-[0-9a-f]{8}-ecs-1$/);
  });

  test.each([
    [0, { code: 0, signal: null }],
    [127, { code: 127, signal: null }],
    [137, { code: null, signal: 'SIGKILL' }],
    [139, { code: null, signal: 'SIGSEGV' }],
    [255, { code: 255, signal: null }],
  ])('status %i', (status, exit) => {
    expect(exitOf(status)).toEqual(exit);
    expect(exitCodeOf(exitOf(status))).toBe(status);
  });

  test('limits are read as the kernel writes them', () => {
    const text =
      'Limit    Soft Limit  Hard Limit  Units\nMax processes   96365   unlimited   processes\nMax open files  1024   4096   files\n';
    expect(limitsFrom(text)).toEqual([{ Name: 'nofile', Soft: 1024, Hard: 4096 }]);
  });
});

describe('which engines can be used', () => {
  const info = { OSType: 'linux', KernelVersion: '6.1', SecurityOptions: ['name=seccomp'] };
  test.each([
    ['one on this kernel', 'docker', info, undefined],
    ['one in a virtual machine', 'docker', { ...info, KernelVersion: '6.6-linuxkit' }, 'virtual machine'],
    ['one for Windows', 'docker', { ...info, OSType: 'windows' }, 'windows'],
    ['rootless Docker', 'docker', { ...info, SecurityOptions: ['name=rootless'] }, 'rootless'],
    ['rootless Podman', 'podman', { ...info, SecurityOptions: ['name=rootless'] }, undefined],
  ] as const)('%s', (_, kind, given, reason) => {
    const found = whyUnusable(kind, given, '6.1');
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(reason);
  });

  test('DOCKER_HOST names a socket on this machine or nothing that can be used', () => {
    expect(dockerSocket(undefined)).toBe('/var/run/docker.sock');
    expect(dockerSocket('unix:///run/user/1/docker.sock')).toBe('/run/user/1/docker.sock');
    expect(dockerSocket('tcp://10.0.0.1:2375')).toMatchObject({ reason: expect.stringContaining('tcp://10.0.0.1') });
  });

  test('limits on memory are only promised where they hold', () => {
    const engine = { kind: 'docker', version: '28.1' } as const;
    expect(describeEngine({ ...engine, limitsMemory: true })).toContain(
      'Memory limits are enforced, CPU limits are not',
    );
    expect(describeEngine({ ...engine, limitsMemory: false })).toContain('memory and CPU are not enforced');
  });
});

describe('an engine that misbehaves', () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  async function answering(handler: (request: IncomingMessage, response: ServerResponse) => void) {
    const socket = join(folder, 'engine.sock');
    server = createServer(handler);
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    return createEngineClient(socket);
  }

  test('an error has its message and status', async () => {
    const client = await answering((_, response) => response.writeHead(409).end('{"message":"name is in use"}'));
    const expected = { name: 'EngineError', message: 'name is in use', status: 409 };
    await expect(client.call({ path: '/x' })).rejects.toMatchObject(expected);
    await expect(client.attach({ method: 'POST', path: '/x' })).rejects.toMatchObject(expected);
  });

  test('one that never answers is given up, one that hangs up is an error', async () => {
    const silent = await answering(() => undefined);
    await expect(silent.call({ path: '/_ping', timeout: 20 })).rejects.toThrow(/aborted/);
    server?.closeAllConnections();
    server?.close();
    const rude = await answering((request) => request.socket.destroy());
    await expect(rude.call({ path: '/x' })).rejects.toThrow(/hang up|ECONNRESET/);
    await expect(createEngineClient(join(folder, 'none')).call({ path: '/' })).rejects.toThrow('ENOENT');
  });

  test('a container that it lost ends, and stopping it is no failure', async () => {
    const client = await answering((request, response) => {
      const path = request.url ?? '';
      if (path.startsWith('/containers/create')) response.writeHead(201).end('{"Id":"1"}');
      else if (path.includes('/attach')) response.writeHead(200).end();
      else if (path.endsWith('/start')) response.writeHead(204).end();
      else if (path.endsWith('/json')) response.end('{"State":{"Pid":5}}');
      else response.writeHead(500).end('{"message":"does not exist in database: no such container"}');
    });
    const engine = { kind: 'podman', client, socket: '', version: '', limitsMemory: true, ulimits: [] } as const;
    const lines: string[] = [];
    const spec = { id: 'a', image: 'b', environment: {}, onOutput: (line: string) => void lines.push(line) };
    const place = { engine: { ...engine, close: async () => undefined }, home: folder };
    const container = await startEngineContainer(place, spec);
    expect(container.pid).toBe(5);
    expect(await container.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await container.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(lines.join()).toMatch(/^the container engine lost this container|^$/);
  });

  test('a stream may come as the body of an answer, too', async () => {
    const client = await answering((_, response) => response.writeHead(200).end('content'));
    const chunks: Buffer[] = [];
    for await (const chunk of await client.attach({ method: 'POST', path: '/x' })) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('content');
  });
});
