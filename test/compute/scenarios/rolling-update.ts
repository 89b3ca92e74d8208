import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../local/runtime/testing/cloud.ts';
import { createTestImages, type TestImages, textFile } from '../../../local/runtime/testing/images.ts';
import { deploy, describeService, provision, type SmallCloud, settled, startSmallCloud } from '../small-cloud.ts';
import type { Scene } from './scene.ts';

const SERVER = (version: string) => `
import { createServer } from 'node:http';
const server = createServer(async (request, response) => {
  if (request.url === '/health') return response.end();
  let size = 0;
  for await (const chunk of request) size += chunk.length;
  if (request.url === '/slow') await new Promise((resolve) => setTimeout(resolve, 150));
  response.end('${version} ' + size);
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));`;
const CRASHES = 'process.exit(3)';

interface Traffic {
  /** Answers by text, and what went wrong. */
  stop(): Promise<{ answers: ReadonlySet<string>; sent: number; failures: readonly string[] }>;
}

interface Door {
  readonly port: number;
  /** Of the load balancer. */
  readonly host: string;
}

/** Clients with kept-alive connections that send one request after the other. */
function startTraffic(clients: number, door: Door): Traffic {
  const agent = new Agent({ keepAlive: true });
  const answers = new Set<string>();
  const failures: string[] = [];
  let sent = 0;
  let running = true;
  const loop = async (client: number): Promise<void> => {
    while (running) {
      sent += 1;
      const body = client % 2 === 0 ? undefined : 'x'.repeat(10_000);
      const answer = await send({ agent, ...door }, client % 3 === 0 ? '/slow' : '/', body).catch((error: unknown) =>
        String(error),
      );
      if (/^200 (one|two) (0|10000)$/.test(answer)) answers.add(answer.split(' ')[1] ?? '');
      else failures.push(answer);
    }
  };
  const loops = Array.from({ length: clients }, (_, client) => loop(client));
  return {
    async stop() {
      running = false;
      await Promise.all(loops);
      agent.destroy();
      return { answers, sent, failures };
    },
  };
}

function send({ agent, port, host }: Door & { agent: Agent }, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const outgoing = request({ host: '127.0.0.1', port, path, method, agent, headers: { host } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve(`${answer.statusCode} ${text}`));
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Rolling updates of an ECS service behind a load balancer, with containers in one mode. */
export function describeRollingUpdates({ mode, outlivesCloud, left }: Scene): void {
  let images: TestImages;
  let one: string;
  let two: string;
  let crashes: string;
  let home: string;
  let cloud: SmallCloud;
  let host: string;

  beforeAll(async () => {
    images = await createTestImages();
    const push = (program: string) =>
      images.push([[textFile('app/main.mjs', program)]], { Entrypoint: ['/usr/local/bin/node', 'main.mjs'] });
    [one, two, crashes] = await Promise.all([push(SERVER('one')), push(SERVER('two')), push(CRASHES)]);
  }, 60_000);
  afterAll(() => images.close());

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'slipway-compute-'));
    cloud = await startSmallCloud(home, mode);
    host = await provision(cloud, one, 2);
    await settled(cloud);
  }, 60_000);
  afterEach(async () => {
    await cloud.close();
    await until('nothing is left', async () => (await left(home)).length === 0);
    expect(readdirSync(join(home, 'containers'))).toEqual([]);
    rmSync(home, { recursive: true, force: true });
  }, 60_000);

  const traffic = (clients: number) => startTraffic(clients, { port: cloud.port, host });

  test('a rolling update under load fails no request', async () => {
    const load = traffic(6);
    const revision = await deploy(cloud, two);
    expect(await settled(cloud)).toBe(revision);
    const { answers, sent, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(20);
    expect([...answers].sort()).toEqual(['one', 'two']);
    const after = traffic(2);
    expect([...(await after.stop()).answers]).toEqual(['two']);
  });

  test('a revision that crashes is taken back while the old one serves', async () => {
    const before = (await describeService(cloud)).taskDefinition;
    const load = traffic(4);
    await deploy(cloud, crashes);
    expect(await settled(cloud)).toBe(before);
    const { answers, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect([...answers]).toEqual(['one']);
    expect((await describeService(cloud)).events.map(({ message }) => message).join('\n')).toMatch(/rolling back/);
  });

  test('a local cloud that is killed in the middle of a deployment finishes it when it comes back', async () => {
    await cloud.close();
    const killed = spawn(process.execPath, [join(import.meta.dirname, '../small-cloud.ts'), home, two, mode], {
      env: { ...process.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => killed.once('exit', resolve));
    const underWay = new Promise((resolve) => killed.stdout.once('data', resolve));
    expect(String(await Promise.race([underWay, exited]))).toBe('under way\n');
    killed.kill('SIGKILL');
    await exited;
    if (!outlivesCloud) await until('the containers end by themselves', async () => (await left(home)).length === 0);
    cloud = await startSmallCloud(home, mode);
    if (outlivesCloud) expect(cloud.reaped).toBeGreaterThan(0);
    await settled(cloud);
    const load = traffic(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { answers, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect([...answers]).toEqual(['two']);
  });
}
