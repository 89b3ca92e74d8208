import { baseUrl } from '../manifest/names.ts';
import { previewRules } from '../manifest/preview-rules.ts';
import { DEFAULT_LOCK_WAIT_MS, type DeployResult, deploy } from '../release/deploy.ts';
import type { BuiltImages } from '../release/types.ts';
import { deployReport } from '../report/release.ts';
import { changedServices, wholeProduct } from './changes.ts';
import { destroyLocked } from './close.ts';
import { tell, tellMessage } from './comment.ts';
import { hourlyCost } from './cost.ts';
import { lockPreview } from './lock.ts';
import { type Capacity, takePlace } from './places.ts';
import { type PreviewContext, type PreviewManifest, type PreviewPorts, previewEnvironment } from './ports.ts';
import { type PreviewRecord, readRecord, repriced, started, updateRecord } from './record.ts';
import { startServices } from './sleep.ts';

export interface OpenRequest extends PreviewContext {
  readonly number: number;
  /** Head commit of the pull request. */
  readonly commit: string;
  readonly images: BuiltImages;
  /** Every service of the pull request. */
  readonly manifests: readonly PreviewManifest[];
  readonly full: boolean;
  readonly capacity: Capacity;
  /** Whether requests to staging's host may name the preview in a header, which takes as many rules again. */
  readonly header?: boolean;
  readonly lockWaitMs?: number;
}

export type OpenResult =
  | { readonly outcome: 'open'; readonly url: string; readonly report: string; readonly services: readonly string[] }
  /** No service differs from staging's: there is nothing to look at. */
  | { readonly outcome: 'nothing'; readonly message: string }
  /** The pull request moved on, or another run is at it; that run takes care of it. */
  | { readonly outcome: 'stale'; readonly message: string }
  /** No room on the load balancer: nothing was touched. */
  | { readonly outcome: 'refused'; readonly message: string }
  | { readonly outcome: 'failed'; readonly message: string; readonly report: string };

/** Brings up the preview of a pull request and says so in its one comment. Safe to repeat. */
export async function openPreview(request: OpenRequest, ports: PreviewPorts): Promise<OpenResult> {
  const { number, commit, actor, lockWaitMs: waitMs = DEFAULT_LOCK_WAIT_MS } = request;
  const start = ports.clock.now();
  const stale = await whyStale(request, ports);
  if (stale !== undefined) return { outcome: 'stale', message: stale };
  const locked = await lockPreview({ number, actor, reason: `open ${commit.slice(0, 7)}`, waitMs }, ports);
  if (!locked.ok) return { outcome: 'failed', message: locked.problem, report: locked.problem };
  try {
    // Looked up again: waiting may have taken long.
    const since = await whyStale(request, ports);
    if (since !== undefined) return { outcome: 'stale', message: since };
    return await openLocked(request, start, ports);
  } finally {
    await locked.lock.release();
  }
}

async function whyStale({ number, commit }: OpenRequest, { github }: PreviewPorts): Promise<string | undefined> {
  const pullRequest = await github.pullRequest(number);
  if (pullRequest === undefined) return `there is no pull request ${number}`;
  if (!pullRequest.open) return `pull request ${number} is closed`;
  if (pullRequest.headCommit === commit) return undefined;
  return `pull request ${number} is at ${pullRequest.headCommit.slice(0, 7)} by now, not at ${commit.slice(0, 7)}`;
}

async function openLocked(request: OpenRequest, start: number, ports: PreviewPorts): Promise<OpenResult> {
  const { number, manifests, full } = request;
  const changed = full ? manifests.map(({ name }) => name) : await servicesToRun(request, ports);
  const services = wholeProduct(changed, manifests);
  if (services.length === 0) return nothing(request, ports);
  const targetGroups = manifests.filter(({ name, routes = [] }) => services.includes(name) && routes.length > 0).length;
  const rules = previewRules(manifests, services).length * (request.header ? 2 : 1);
  const sleeps = costOf(services, manifests) > 0;
  const reservation = await takePlace({ number, rules, targetGroups, sleeps }, request.capacity, ports.documents);
  if (!reservation.ok) {
    await tellMessage({ ...request, heading: 'No room for a preview', message: reservation.message }, ports);
    return { outcome: 'refused', message: reservation.message };
  }
  const draft = { ...request, services, changed, place: reservation.place.place, start };
  const before = await readRecord(number, ports.documents);
  const record = await updateRecord(number, ports.documents, (known) => openingRecord(draft, known, ports));
  if (record === undefined) throw new Error('the record of a preview was not written');
  const [deployment, , problem] = await Promise.all([
    startDeployment(request, ports),
    before === undefined ? tell(record, request, ports) : undefined,
    ports.provision({ number, mode: 'apply', place: record.place, services, full }),
  ]);
  return finish({ request, record, problem, deployment, start }, ports);
}

/** What the pull request changes. Staging's own release says what is there already. */
async function servicesToRun({ images }: OpenRequest, { ledger }: PreviewPorts): Promise<readonly string[]> {
  const { head } = await ledger.control('staging');
  return changedServices(images, head && (await ledger.release('staging', head.release)));
}

interface Draft extends OpenRequest {
  readonly services: readonly string[];
  readonly changed: readonly string[];
  readonly place: number;
  readonly start: number;
}

function openingRecord(draft: Draft, known: PreviewRecord | undefined, { clock }: PreviewPorts): PreviewRecord {
  const { number, commit, run, full, services, changed, place, manifests, project, start } = draft;
  const now = clock.now();
  const cost = costOf(services, manifests);
  const {
    failure: _,
    predictions: __,
    seconds: ___,
    ...kept
  } = known ? repriced(known, cost, now) : { awakeSeconds: 0 };
  return started(
    {
      ...kept,
      number,
      commit,
      run,
      full,
      services,
      changed,
      place,
      state: 'opening',
      url: baseUrl(project, previewEnvironment(number)),
      // A run that somebody repeats is as good as a push: what it makes should stay for a while.
      pushedAt: start,
      hourlyCost: cost,
    },
    now,
  );
}

const costOf = (services: readonly string[], manifests: readonly PreviewManifest[]): number =>
  hourlyCost(manifests.filter(({ name }) => services.includes(name)));

const startDeployment = ({ number, commit }: OpenRequest, { github }: PreviewPorts): Promise<number> =>
  github.startDeployment({
    commit,
    task: previewEnvironment(number),
    description: `Preview of pull request ${number}`,
  });

interface Provisioned {
  readonly request: OpenRequest;
  readonly record: PreviewRecord;
  readonly problem: string | undefined;
  readonly deployment: number;
  readonly start: number;
}

async function finish(
  { request, record, problem, deployment, start }: Provisioned,
  ports: PreviewPorts,
): Promise<OpenResult> {
  const { number } = request;
  const result = problem === undefined ? await release(request, record, ports) : undefined;
  const opened = result?.outcome === 'deployed' || result?.outcome === 'unchanged';
  const report = result === undefined ? (problem ?? '') : deployReport(result);
  const compared = opened ? await compare(request, record, ports) : undefined;
  const change = opened
    ? {
        state: 'open' as const,
        seconds: (ports.clock.now() - start) / 1000,
        ...(compared && { predictions: compared }),
      }
    : { state: 'failed' as const, failure: report };
  const settled = await updateRecord(number, ports.documents, (known) => known && { ...known, ...change });
  const { url, services } = record;
  await Promise.all([
    settled && tell(settled, request, ports),
    ports.github.finishDeployment(deployment, opened ? { state: 'success', url } : { state: 'failure' }),
  ]);
  if (opened) return { outcome: 'open', url, report, services };
  return { outcome: 'failed', message: problem ?? describe(result), report };
}

async function release(request: OpenRequest, record: PreviewRecord, ports: PreviewPorts): Promise<DeployResult> {
  const { project, number, commit, actor } = request;
  const environment = previewEnvironment(number);
  const images = Object.fromEntries(
    Object.entries(request.images).filter(([service]) => record.services.includes(service)),
  );
  // The release's checks have to reach the services, not the waking page.
  await ports.power.uncover(number);
  const [result] = await Promise.all([
    deploy({ project, environment, images, commit, actor, reason: `pull request ${number}` }, ports),
    ports.seedTables(environment, record.services),
  ]);
  // Nothing to release may still mean services that sleep.
  if (result.outcome === 'unchanged') await startServices(number, ports);
  return result;
}

/** A comparison that cannot be made is no reason to hold back a preview. */
async function compare(
  { project }: OpenRequest,
  { services, url }: PreviewRecord,
  { predictions, progress }: PreviewPorts,
): Promise<string | undefined> {
  try {
    return await predictions({ services, url, stagingUrl: baseUrl(project, 'staging') });
  } catch (error) {
    progress.line(`Predictions were not compared: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** What was there goes: a preview that runs nothing of its own is staging. */
async function nothing(request: OpenRequest, ports: PreviewPorts): Promise<OpenResult> {
  const { number } = request;
  const message =
    'No service of this commit differs from what staging runs. Changed stacks can be seen at work, too: comment /preview full.';
  if ((await readRecord(number, ports.documents)) !== undefined) {
    const result = await destroyLocked({ number, known: false }, ports);
    if (result.outcome === 'failed') return { outcome: 'failed', message: result.message, report: result.message };
  }
  await tellMessage({ ...request, heading: 'Nothing to preview', message }, ports);
  return { outcome: 'nothing', message };
}

function describe(result: DeployResult | undefined): string {
  if (result?.outcome === 'failed') return result.release.failure ?? 'the release failed';
  if (result?.outcome === 'refused') return result.problems.join('; ');
  if (result?.outcome === 'stopped' || result?.outcome === 'superseded') return result.message;
  return 'the preview is frozen';
}
