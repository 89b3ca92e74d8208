import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostName } from '../../../pipeline/manifest/names.ts';
import { ENVIRONMENT, type ProofCloud } from './cloud.ts';

export interface Load {
  /** From here on requests are counted under this name. */
  phase(name: string): void;
  /** Resolves once so many requests have been sent altogether. */
  sent(count: number): Promise<void>;
  stop(): Promise<Loaded>;
}

export interface Loaded {
  readonly sent: number;
  readonly failures: readonly string[];
  /** Images that answered. */
  readonly answers: ReadonlySet<string>;
  readonly phases: readonly {
    readonly name: string;
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
  }[];
}

/** Milliseconds between two looks at what is due. */
const TICK = 5;
const TIMEOUT = 60_000;

/**
 * Open loop: requests leave at a constant rate whether or not the ones before were answered, and latency is counted from the moment at which a request was due, so that
 * a system that stands still cannot hide it. One request in ten goes to each function, the others to the services behind the load balancer.
 */
export function startLoad(cloud: ProofCloud, rate: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const { web, functions } = pathsOf(cloud);
  const latencies = new Map<string, number[]>();
  const failures: string[] = [];
  const answers = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const started = performance.now();
  let [sent, running, name] = [0, true, ''];

  async function one(due: number, path: string): Promise<void> {
    const phase = latencies.get(name) ?? [];
    latencies.set(name, phase);
    try {
      answers.add(await ask(cloud, agent, path));
    } catch (error) {
      failures.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
    phase.push(performance.now() - due);
  }
  const loop = (async () => {
    while (running) {
      const due = Math.floor(((performance.now() - started) * rate) / 1000);
      for (; sent < due; sent++) {
        const paths = sent % 10 === 0 && functions.length > 0 ? functions : web;
        const work = one(started + (sent * 1000) / rate, paths[sent % paths.length] ?? '/');
        underWay.add(work);
        void work.finally(() => underWay.delete(work));
      }
      await sleep(TICK);
    }
  })();
  return {
    phase(next) {
      name = next;
    },
    async sent(count) {
      while (sent < count) await sleep(TICK);
    },
    async stop() {
      running = false;
      await loop;
      await Promise.all(underWay);
      agent.destroy();
      const phases = [...latencies].map(([phase, values]) => ({
        name: phase,
        count: values.length,
        ...percentiles(values),
      }));
      return { sent, failures, answers, phases };
    },
  };
}

function pathsOf({ services }: ProofCloud) {
  const of = (wanted: string): string[] =>
    services.flatMap(({ service, kind }) => (kind === wanted ? [`/${service}`] : []));
  return { web: of('web'), functions: of('function') };
}

function percentiles(values: number[]): { readonly p50: number; readonly p99: number } {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Resolves to the image that answered; rejects with anything but status 200. */
function ask({ door, project }: ProofCloud, agent: Agent, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: hostName(project, ENVIRONMENT) };
    const outgoing = request(
      { host: '127.0.0.1', port: door.port, path, agent, headers, timeout: TIMEOUT },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode} ${text}`));
          else resolve((JSON.parse(text) as { digest: string }).digest);
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT} ms`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
