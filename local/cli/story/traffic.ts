import { Agent, request } from 'node:http';

/** Requests of one kind that flow while something else happens. */
export interface TrafficTarget {
  /** `Host` header: which environment. */
  readonly host: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

export interface TrafficReport {
  readonly sent: number;
  readonly failed: number;
  /** The first failures, in words: status and body, or the connection's error. */
  readonly failures: readonly string[];
}

export interface Traffic {
  /** Waits for the requests under way and ends. */
  stop(): Promise<TrafficReport>;
}

const FAILURES_KEPT = 5;

/**
 * Sends requests to the front door from several clients in turn, each waiting `pause` milliseconds after an answer. Whatever is not a 2xx
 * within ten seconds counts as failed.
 */
export function startTraffic(options: {
  port: number;
  targets: readonly TrafficTarget[];
  clients: number;
  pause: number;
}): Traffic {
  const { port, targets, clients, pause } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const report = { sent: 0, failed: 0, failures: [] as string[] };
  let running = true;
  const client = async (first: number): Promise<void> => {
    for (let turn = first; running; turn += 1) {
      const target = targets[turn % targets.length];
      if (!target) return;
      const problem = await send(target, port, agent);
      report.sent += 1;
      if (problem) {
        report.failed += 1;
        if (report.failures.length < FAILURES_KEPT) report.failures.push(`${target.host}${target.path}: ${problem}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return {
    async stop() {
      running = false;
      await all;
      agent.destroy();
      return report;
    },
  };
}

function send(target: TrafficTarget, port: number, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const headers = { host: target.host, ...(target.body === undefined ? {} : { 'content-type': 'application/json' }) };
    const outgoing = request({
      host: '127.0.0.1',
      port,
      agent,
      method: target.method,
      path: target.path,
      headers,
      timeout: 10_000,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')));
    outgoing.on('error', (error) => resolve(error.message));
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (text.length < 200) text += chunk;
      });
      response.on('error', (error) => resolve(error.message));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        resolve(status >= 200 && status < 300 ? undefined : `${status} ${text.slice(0, 200)}`);
      });
    });
    outgoing.end(target.body);
  });
}
