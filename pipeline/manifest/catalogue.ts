import { RESOURCE_TYPES, RESOURCES, type ResourceType, usedResource } from './access.ts';
import type { ManifestError } from './result.ts';
import { routeOf } from './routes.ts';
import type { Manifest } from './types.ts';

/** Path of a service's manifest below the repository's root. */
export const manifestFile = (service: string): string => `services/${service}/service.json`;

/** Contradictions between manifests: owners, uses of what nobody owns, routes, checks that another service would answer. */
export function catalogueErrors(manifests: readonly Manifest[]): ManifestError[] {
  return [
    ...secondOwners(manifests),
    ...unknownUses(manifests),
    ...unknownTopics(manifests),
    ...tokenTriggers(manifests),
    ...unknownRotations(manifests),
    ...sharedRoutes(manifests),
    ...strayChecks(manifests),
    ...unknownPredecessors(manifests),
    ...circles(manifests),
  ];
}

interface Declared {
  readonly type: ResourceType;
  readonly name: string;
  readonly owner: string;
  readonly field: string;
}

function declared(manifests: readonly Manifest[]): Declared[] {
  return manifests.flatMap(({ name: owner, owns }) =>
    RESOURCE_TYPES.flatMap((type) =>
      (owns?.[RESOURCES[type]] ?? []).map(({ name }, index) => ({
        type,
        name,
        owner,
        field: `owns.${RESOURCES[type]}.${index}`,
      })),
    ),
  );
}

function secondOwners(manifests: readonly Manifest[]): ManifestError[] {
  const all = declared(manifests);
  return all.flatMap((one) => {
    const first = all.find((other) => place(other) === place(one));
    if (first === undefined || first.owner === one.owner) return [];
    const problem = `is a ${first.type} that service ${first.owner} owns already`;
    const fix = `Declare it under "uses", or choose another name`;
    return [{ file: manifestFile(one.owner), field: `${one.field}.name`, value: one.name, problem, fix }];
  });
}

/** A queue and a topic of one name are two things; two tables are not. */
const place = ({ type, name }: Declared): string => `${type} ${name}`;

function unknownUses(manifests: readonly Manifest[]): ManifestError[] {
  const all = declared(manifests);
  return manifests.flatMap(({ name: service, uses = [] }) =>
    uses.flatMap((use, index) => {
      const named = usedResource(use);
      if (named === undefined) return [];
      const { type, name } = named;
      if (all.some((one) => one.type === type && one.name === name)) return [];
      const known = all.filter((one) => one.type === type).map((one) => one.name);
      const choice = known.length > 0 ? `known ${type}s: ${known.join(', ')}` : `there is no ${type} yet`;
      const fix = `Declare it under "owns" of one service, or correct the name (${choice})`;
      const problem = `is a ${type} that no service owns`;
      return [{ file: manifestFile(service), field: `uses.${index}.${type}`, value: name, problem, fix }];
    }),
  );
}

function unknownTopics(manifests: readonly Manifest[]): ManifestError[] {
  const known = declared(manifests).flatMap(({ type, name }) => (type === 'topic' ? [name] : []));
  return manifests.flatMap(({ name: service, owns }) =>
    (owns?.queues ?? []).flatMap(({ topics = [] }, queue) =>
      topics.flatMap((topic, index) => {
        if (known.includes(topic)) return [];
        const fix = `Declare it under "owns" of one service, or correct the name (known topics: ${known.join(', ') || 'none'})`;
        const field = `owns.queues.${queue}.topics.${index}`;
        return [{ file: manifestFile(service), field, value: topic, problem: 'is a topic that no service owns', fix }];
      }),
    ),
  );
}

/** A user pool calls one function. */
function tokenTriggers(manifests: readonly Manifest[]): ManifestError[] {
  const [first, ...others] = manifests.filter(({ trigger }) => trigger === 'tokens');
  return others.map(({ name }) => ({
    file: manifestFile(name),
    field: 'trigger',
    value: 'tokens',
    problem: `is the trigger of service ${first?.name} already`,
    fix: 'Keep one function that adds to tokens',
  }));
}

function unknownRotations(manifests: readonly Manifest[]): ManifestError[] {
  const known = new Set(manifests.flatMap(({ secrets = {} }) => Object.values(secrets)));
  return manifests.flatMap(({ name, rotates = {} }) =>
    Object.keys(rotates)
      .filter((secret) => !known.has(secret))
      .map((secret) => ({
        file: manifestFile(name),
        field: `rotates.${secret}`,
        value: rotates[secret],
        problem: 'is a secret that no service uses',
        fix: `Correct the name (known secrets: ${[...known].sort().join(', ') || 'none'})`,
      })),
  );
}

function sharedRoutes(manifests: readonly Manifest[]): ManifestError[] {
  return manifests.flatMap(({ name, routes = [] }, index) =>
    routes.flatMap((route, position) => {
      const other = manifests.slice(0, index).find((earlier) => earlier.routes?.includes(route));
      if (other === undefined) return [];
      const problem = `overlaps with the same route of service ${other.name}`;
      const fix = 'Give one of the two a more specific route';
      return [{ file: manifestFile(name), field: `routes.${position}`, value: route, problem, fix }];
    }),
  );
}

function strayChecks(manifests: readonly Manifest[]): ManifestError[] {
  const routes = manifests.flatMap((manifest) => manifest.routes ?? []);
  return manifests.flatMap((manifest) =>
    (manifest.checks ?? []).flatMap(({ path }, index) => {
      const route = routeOf(path, routes);
      if (route !== undefined && manifest.routes?.includes(route)) return [];
      const answering = manifests.find((other) => route !== undefined && other.routes?.includes(route));
      const problem =
        answering === undefined ? 'is a path that no route covers' : `is answered by service ${answering.name}`;
      const fix = `Use a path below ${manifest.routes?.join(' or ')}, or move the check to the service that answers`;
      return [{ file: manifestFile(manifest.name), field: `checks.${index}.path`, value: path, problem, fix }];
    }),
  );
}

function unknownPredecessors(manifests: readonly Manifest[]): ManifestError[] {
  const names = manifests.map(({ name }) => name);
  return manifests.flatMap(({ name, after = [] }) =>
    after.flatMap((other, index) => {
      if (names.includes(other)) return [];
      const fix = `Name one of ${names.join(', ')}`;
      return [{ file: manifestFile(name), field: `after.${index}`, value: other, problem: 'is no service', fix }];
    }),
  );
}

/** Services that wait for each other would never move. */
function circles(manifests: readonly Manifest[]): ManifestError[] {
  const after = new Map(manifests.map((manifest) => [manifest.name, manifest.after ?? []]));
  const waitsFor = (service: string, other: string, seen: readonly string[] = []): boolean =>
    !seen.includes(service) &&
    (after.get(service) ?? []).some((next) => next === other || waitsFor(next, other, [...seen, service]));
  return manifests
    .filter(({ name }) => waitsFor(name, name))
    .map(({ name, after: value }) => ({
      file: manifestFile(name),
      field: 'after',
      value,
      problem: `makes ${name} wait for itself`,
      fix: 'Remove one of the services that close the circle',
    }));
}
