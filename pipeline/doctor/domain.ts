import { about, BOOTSTRAP, failed, ok, skipped } from './check.ts';
import type { Check, Facts } from './types.ts';

/** Whether the world is sent to the domain's zone: without that no certificate is issued. */
export function domain({ project, nameServers, ownNameServers }: Facts): Check {
  const name = `zone of ${project.domain}`;
  const isOwn = project.zone === 'own';
  return about(name, nameServers, (delegated) => {
    if (!isOwn)
      return delegated.length > 0
        ? ok(name, 'has name servers')
        : failed(
            name,
            'nobody answers for it',
            'Create a hosted zone in Route 53 and give its name servers to the registrar, or write "zone": "own" into slipway.json',
          );
    if (!ownNameServers.known) return skipped(name, ownNameServers.why);
    const wanted = ownNameServers.value;
    if (wanted === undefined) return failed(name, 'is not there yet', BOOTSTRAP);
    if (sameHosts(delegated, wanted)) return ok(name, `is ours: ${wanted.join(', ')}`);
    const found = delegated.length === 0 ? 'nobody answers for it' : `${delegated.join(', ')} answer for it`;
    return failed(name, found, `Give these name servers to the registrar: ${wanted.join(', ')}`);
  });
}

const sameHosts = (one: readonly string[], other: readonly string[]): boolean => normal(one) === normal(other);
const normal = (hosts: readonly string[]): string =>
  hosts
    .map((host) => host.toLowerCase().replace(/\.$/, ''))
    .toSorted()
    .join();
