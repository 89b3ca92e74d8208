import { messageOf } from './failure.ts';
import type { TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';

/** Releases whose revisions are never touched: all that a rollback offers, and more. */
const KEPT_RELEASES = 100;

/** Removes revisions that no release on record needs any more. A problem is said and stops nothing. */
export async function tidyUp(
  environment: string,
  templates: TemplatesByService,
  { ledger, moverFor, progress }: Pick<ReleasePorts, 'ledger' | 'moverFor' | 'progress'>,
): Promise<void> {
  const tidying = Object.entries(templates).flatMap(([service, { template }]) => {
    const { tidy } = moverFor(template);
    return tidy === undefined ? [] : [{ service, tidy }];
  });
  if (tidying.length === 0) return;
  try {
    const releases = await ledger.releases(environment, KEPT_RELEASES);
    const needed = (service: string) =>
      new Set(releases.flatMap((release) => release.services[service]?.revision ?? []));
    await Promise.all(tidying.map(({ service, tidy }) => tidy(needed(service))));
  } catch (error) {
    progress.line(`Old revisions could not be tidied up: ${messageOf(error)}`);
  }
}
