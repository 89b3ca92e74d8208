import type { FailedCheck } from './checks.ts';
import type { ServiceFailure } from './failure.ts';
import type { TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { Release } from './types.ts';

/** What logs and health say about services that answered a check wrongly; one that has nothing to say is left out. */
export async function explainChecks(
  checks: readonly FailedCheck[],
  { release, templates }: { readonly release: Release; readonly templates: TemplatesByService },
  { moverFor }: Pick<ReleasePorts, 'moverFor'>,
): Promise<readonly ServiceFailure[]> {
  const services = [...new Set(checks.map(({ service }) => service))];
  const explained = await Promise.all(
    services.map(async (service): Promise<readonly ServiceFailure[]> => {
      const template = templates[service]?.template;
      const revision = release.services[service]?.revision;
      if (template === undefined || revision === undefined) return [];
      const evidence = await moverFor(template)
        .explain(revision)
        .catch(() => ({}));
      return Object.keys(evidence).length === 0 ? [] : [{ service, message: 'answered a check wrongly', ...evidence }];
    }),
  );
  return explained.flat();
}

/** Checks take time, in which a circuit breaker, an alarm or a person may go back: what serves when they are over counts. */
export async function confirmServing(
  release: Release,
  moved: readonly string[],
  { templates, moverFor }: Pick<ReleasePorts, 'moverFor'> & { readonly templates: TemplatesByService },
): Promise<readonly ServiceFailure[]> {
  const found = await Promise.all(
    moved.map(async (service): Promise<readonly ServiceFailure[]> => {
      const template = templates[service]?.template;
      const wanted = release.services[service]?.revision;
      const serving = template && (await moverFor(template).serving());
      if (template === undefined || serving === wanted) return [];
      return [
        { service, message: `${serving ?? 'nothing'} serves instead of ${wanted}: it went back after it had moved` },
      ];
    }),
  );
  return found.flat();
}
