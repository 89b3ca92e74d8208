import { messageOf, type PutBack } from './failure.ts';
import type { TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { Release, ReleasedService } from './types.ts';

type PutBackPorts = Pick<ReleasePorts, 'ledger' | 'moverFor' | 'progress'>;

export interface PutBackRequest {
  readonly environment: string;
  readonly services: readonly string[];
  readonly templates: TemplatesByService;
}

/**
 * Brings `services` back to what the head of the ledger says, all at once. The head is read afresh: whoever moved it meanwhile is
 * right. A service that no release ever served is withdrawn.
 */
export async function putBack(request: PutBackRequest, ports: PutBackPorts): Promise<readonly PutBack[]> {
  const { environment, services, templates } = request;
  const { head } = await ports.ledger.control(environment);
  const release = head && (await ports.ledger.release(environment, head.release));
  ports.progress.line(
    `Going back to ${release === undefined ? 'nothing: there is no release' : `release ${release.id}`}`,
  );
  const results = await Promise.all(
    services.map(async (service) =>
      putServiceBack({ service, released: release?.services[service], templates }, ports),
    ),
  );
  if (release !== undefined) await rememberRevisions(release, results, ports);
  for (const { service, message } of results) ports.progress.line(`${service}: ${message}`);
  return results;
}

interface ServiceBack extends PutBack {
  readonly revision?: string;
}

interface ServiceBackRequest {
  readonly service: string;
  readonly released: ReleasedService | undefined;
  readonly templates: TemplatesByService;
}

async function putServiceBack(request: ServiceBackRequest, { moverFor }: PutBackPorts): Promise<ServiceBack> {
  const { service, released, templates } = request;
  const template = templates[service]?.template;
  if (template === undefined) return { service, ok: true, message: 'does not exist any more' };
  const mover = moverFor(template);
  try {
    if (released?.revision === undefined) {
      await mover.withdraw();
      return { service, ok: true, message: 'withdrawn: no release served it before' };
    }
    const { digest, revision } = released;
    const target = await mover.prepare({ digest, commit: '', revision });
    const result = await mover.move(target, new AbortController().signal);
    if (!result.ok) return { service, ok: false, message: result.failure.message };
    return {
      service,
      ok: true,
      message: `serves ${result.revision.split('/').at(-1)} again`,
      revision: result.revision,
    };
  } catch (error) {
    return { service, ok: false, message: messageOf(error) };
  }
}

/** A job that goes back gets a new revision with the old content; the head has to know it, or the next deployment sees drift. */
async function rememberRevisions(
  release: Release,
  results: readonly ServiceBack[],
  { ledger }: PutBackPorts,
): Promise<void> {
  const changed = results.flatMap(({ service, revision }) => {
    const released = release.services[service];
    return released === undefined || revision === undefined || released.revision === revision
      ? []
      : [[service, { ...released, revision }] as const];
  });
  if (changed.length === 0) return;
  await ledger.saveRelease({ ...release, services: { ...release.services, ...Object.fromEntries(changed) } });
}
