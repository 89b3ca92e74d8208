import { finish } from './apply.ts';
import type { PutBack } from './failure.ts';
import type { Head } from './ledger.ts';
import type { TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { putBack } from './put-back.ts';
import type { Release } from './types.ts';

/** What became of a release whose run died. */
export type Settled =
  | { readonly release: string; readonly outcome: 'finished' }
  | { readonly release: string; readonly outcome: 'undone'; readonly putBack: readonly PutBack[] };

export interface SettleRequest {
  readonly environment: string;
  readonly head: Head | undefined;
  /** The newest releases. */
  readonly releases: readonly Release[];
  readonly templates: TemplatesByService;
}

/**
 * Finishes or undoes releases that a dead run left `deploying`; the caller holds the lock, so no living run is behind them. A
 * release that the head points at was complete but for bookkeeping; of any other, every service goes back to the head.
 */
export async function settleInterrupted(request: SettleRequest, ports: ReleasePorts): Promise<readonly Settled[]> {
  const interrupted = request.releases.filter(({ status }) => status === 'deploying');
  const settled: Settled[] = [];
  for (const release of interrupted) settled.push(await settleOne(release, request, ports));
  return settled;
}

async function settleOne(release: Release, request: SettleRequest, ports: ReleasePorts): Promise<Settled> {
  const { environment, head, templates } = request;
  if (head?.release === release.id) {
    const before = release.previous === undefined ? undefined : { release: release.previous, version: 0, commit: '' };
    await finish(release, before, ports);
    ports.progress.line(`Release ${release.id} was interrupted after it was live; now on record as live`);
    return { release: release.id, outcome: 'finished' };
  }
  ports.progress.line(`Release ${release.id} by ${release.actor} was interrupted; undoing it`);
  const back = await putBack({ environment, services: Object.keys(release.services), templates }, ports);
  const stuck = back.filter(({ ok }) => !ok).map(({ service }) => service);
  await ports.ledger.saveRelease({
    ...release,
    status: 'interrupted',
    finishedAt: new Date(ports.clock.now()).toISOString(),
    // A service that is stuck differs from the head, so the next deployment moves it: see the reason `drift`.
    failure: `the run that deployed it died; ${stuck.length === 0 ? 'every service was put back' : `not put back: ${stuck.join(', ')}`}`,
  });
  return { release: release.id, outcome: 'undone', putBack: back };
}

/** A rollback has brought every service to where it belongs: what a stopped or dead deployment left is done with. */
export async function abandonInterrupted(
  request: SettleRequest & { readonly reason: string },
  ports: ReleasePorts,
): Promise<void> {
  const { environment, templates, reason } = request;
  const head = await ports.ledger.control(environment).then((control) => control.head);
  const serving = head && (await ports.ledger.release(environment, head.release));
  for (const release of request.releases) {
    if (release.status !== 'deploying' || release.id === head?.release) continue;
    const services = Object.keys(release.services).filter((service) => serving?.services[service] === undefined);
    if (services.length > 0) await putBack({ environment, services, templates }, ports);
    const finishedAt = new Date(ports.clock.now()).toISOString();
    await ports.ledger.saveRelease({ ...release, status: 'interrupted', finishedAt, failure: reason });
  }
}
