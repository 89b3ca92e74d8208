import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostName } from '../../../pipeline/manifest/names.ts';
import { ENVIRONMENT, type ProofCloud } from './cloud.ts';

export interface Traffic {
  /** Sent and failed so far; a failure is anything but status 200. */
  readonly counts: { readonly sent: number; readonly failures: readonly string[] };
  stop(): Promise<void>;
}

/** Asks every service that answers requests again and again, a pause after each answer. */
export function startTraffic(cloud: ProofCloud, pause: number): Traffic {
  const agent = new Agent({ keepAlive: true });
  const counts = { sent: 0, failures: [] as string[] };
  const paths = cloud.services.flatMap(({ service, kind }) =>
    kind === 'web' || kind === 'function' ? [`/${service}`] : [],
  );
  let running = true;
  const loop = async (path: string): Promise<void> => {
    while (running) {
      counts.sent += 1;
      const problem = await ask(cloud, { agent, path }).catch((error: unknown) => String(error));
      if (problem !== undefined) counts.failures.push(`${path}: ${problem}`);
      await sleep(pause);
    }
  };
  const loops = paths.map(loop);
  return {
    counts,
    async stop() {
      running = false;
      await Promise.all(loops);
      agent.destroy();
    },
  };
}

/** Resolves to what is wrong with the answer. */
export function ask(
  { door, project }: ProofCloud,
  { agent, path }: { readonly agent: Agent; readonly path: string },
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host: hostName(project, ENVIRONMENT) };
    const outgoing = request(
      { host: '127.0.0.1', port: door.port, path, agent, headers, timeout: 20_000 },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode === 200 ? undefined : `${response.statusCode} ${text}`));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 20 s')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
