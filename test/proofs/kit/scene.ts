import { ENVIRONMENT, type ProofCloud, startProofCloud } from './cloud.ts';
import { carryOut, commitNumber, connect, fastClock, type Order, type Run, type RunResult } from './connection.ts';
import type { Build } from './images.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { violations } from './verdict.ts';

/** Longer than a lock's lease: what a dead run held is free for the next one. */
const LEASE_OVER = 31_000;

/** A cloud with a release that serves, requests that flow, and the book of what went wrong. */
export interface Scene {
  readonly cloud: ProofCloud;
  readonly traffic: Traffic;
  readonly found: string[];
  /** Runs carried out. */
  runs: number;
  /** An order that moves every service: the build that does not serve now, in a newer commit. */
  nextDeployment(): Promise<Order>;
  rollbackTo(target: string): Order;
  /** For a run in another process. */
  run(order: Order): Run;
  /** Carries an order out in this process. Resolves to its result, or to the error that it threw. */
  carryOut(order: Order): Promise<RunResult | Error>;
  /** The clock goes on until the lock of a run that died is free. */
  waitForLease(): void;
  /** Ends the freeze of a rollback. */
  resume(): Promise<void>;
  /** Id of the release at the head. */
  head(): Promise<string>;
  /** Writes down what is not as it has to be, with when it was found. */
  inspect(when: string): Promise<void>;
  close(): Promise<void>;
}

const REQUESTED = { environment: ENVIRONMENT, actor: 'ann', reason: 'proof' };

/** `traffic`: whether requests flow on the side; a proof may bring its own. */
export async function openScene({ traffic: flows = true }: { readonly traffic?: boolean } = {}): Promise<Scene> {
  const cloud = await startProofCloud();
  // What the AWS SDK needs besides the endpoint, which differs from scene to scene.
  Object.assign(process.env, { ...cloud.environment, AWS_ENDPOINT_URL: '' });
  const place = { project: cloud.project, endpoint: cloud.cloud.endpoints.aws };
  const found: string[] = [];
  const since = Date.now();
  let [commits, ahead] = [0, 0];
  const ports = () => connect({ ...place, clock: fastClock({ since, ahead }) });
  const scene: Omit<Scene, 'traffic'> = {
    cloud,
    found,
    runs: 0,
    async nextDeployment() {
      commits += 1;
      const { head } = await ports().ledger.control(ENVIRONMENT);
      const release = head && (await ports().ledger.release(ENVIRONMENT, head.release));
      const build: Build = release?.services['web']?.digest === cloud.images.a['web']?.digest ? 'b' : 'a';
      return { kind: 'deploy', request: { ...REQUESTED, images: cloud.images[build], commit: commitNumber(commits) } };
    },
    rollbackTo: (target) => ({ kind: 'rollback', request: { ...REQUESTED, target } }),
    run: (order) => ({ ...place, order, time: { since, ahead } }),
    async carryOut(order) {
      this.runs += 1;
      try {
        return await carryOut({ project: cloud.project, order }, ports());
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    },
    waitForLease() {
      ahead += LEASE_OVER;
    },
    async resume() {
      await ports().ledger.resume(ENVIRONMENT);
    },
    async head() {
      return (await ports().ledger.control(ENVIRONMENT)).head?.release ?? '';
    },
    async inspect(when) {
      for (const violation of await violations(cloud, ports())) found.push(`${when}: ${violation}`);
    },
    async close() {
      await traffic.stop();
      await cloud.close();
    },
  };
  for (let releases = 0; releases < 2; releases++) {
    const result = await scene.carryOut.call(scene as Scene, await scene.nextDeployment());
    if (outcomeOf(result) !== 'deployed') throw new Error(`the first releases: ${JSON.stringify(result)}`);
  }
  const traffic = startTraffic(flows ? cloud : { ...cloud, services: [] }, 25);
  return Object.assign(scene, { traffic }) as Scene;
}

/** What a run came to, in a word. */
export const outcomeOf = (result: RunResult | Error): string =>
  result instanceof Error ? `threw ${result.name}: ${result.message}` : result.outcome;
