import { serviceAccess } from '../pipeline/manifest/access.ts';
import { serviceEnvironment } from '../pipeline/manifest/environment.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { environmentSettings } from './environments.ts';
import type { StackInput } from './stack.ts';
import { tracingVariables } from './tracing.ts';

/** What the services of an environment are made from. */
export interface ServiceInput extends StackInput {
  /** Name of every queue -> its URL, which only AWS (or whatever stands for it) knows. */
  readonly queueUrls: ReadonlyMap<string, string>;
}

/** The variables of a service's container or function, sorted by name. */
export function environmentVariables(manifest: Manifest, input: ServiceInput): Readonly<Record<string, string>> {
  const { manifests, queueUrls } = input;
  const queues = serviceAccess(manifest, manifests).flatMap(({ type, declaration: { name } }) => {
    const url = type === 'queue' ? queueUrls.get(name) : undefined;
    return url === undefined ? [] : [[`QUEUE_${name.toUpperCase().replaceAll('-', '_')}`, url] as const];
  });
  const tracing = tracingVariables(manifest, environmentSettings(input));
  return { ...serviceEnvironment(manifest, manifests, input), ...Object.fromEntries(queues), ...tracing };
}
