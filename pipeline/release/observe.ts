import type { Control } from './ledger.ts';
import type { Serving, TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { type Settled, settleInterrupted } from './settle.ts';
import type { Release } from './types.ts';

/** Releases that a look at the ledger covers; an interrupted one is always among the newest. */
const RECENT_RELEASES = 50;

/** What an environment is at, by the ledger and in fact. */
export interface Observed {
  readonly control: Control;
  readonly headRelease: Release | undefined;
  /** Newest first. */
  readonly releases: readonly Release[];
  readonly templates: TemplatesByService;
  readonly serving: Serving;
}

/** What the ledger says: one round trip. */
export async function lookUp(
  environment: string,
  { ledger }: Pick<ReleasePorts, 'ledger'>,
): Promise<Pick<Observed, 'control' | 'headRelease' | 'releases'>> {
  const [control, releases] = await Promise.all([
    ledger.control(environment),
    ledger.releases(environment, RECENT_RELEASES),
  ]);
  const { head } = control;
  const headRelease =
    head && (releases.find(({ id }) => id === head.release) ?? (await ledger.release(environment, head.release)));
  return { control, headRelease, releases };
}

/** Looks at everything at once: two round trips. */
export async function observe(environment: string, ports: ReleasePorts): Promise<Observed> {
  const [ledger, services] = await Promise.all([lookUp(environment, ports), observeServices(environment, ports)]);
  return { ...ledger, ...services };
}

async function observeServices(environment: string, { templates, moverFor }: ReleasePorts) {
  const published = await templates.load(environment);
  const serving = await Promise.all(
    Object.entries(published).map(
      async ([service, { template }]) => [service, await moverFor(template).serving()] as const,
    ),
  );
  return { templates: published, serving: Object.fromEntries(serving) };
}

/** Observes an environment whose lock we hold, after releases that a dead run left behind are finished or undone. */
export async function observeSettled(
  environment: string,
  ports: ReleasePorts,
): Promise<Observed & { readonly settled: readonly Settled[] }> {
  const observed = await observe(environment, ports);
  const { control, releases, templates } = observed;
  if (!releases.some(({ status }) => status === 'deploying')) return { ...observed, settled: [] };
  ports.progress.phase('settle');
  const settled = await settleInterrupted({ environment, head: control.head, releases, templates }, ports);
  return { ...(await observe(environment, ports)), settled };
}
