import type { ManifestError } from './result.ts';
import { routeOf } from './routes.ts';
import type { Manifest } from './types.ts';

/** Path of a service's manifest below the repository's root. */
export const manifestFile = (service: string): string => `services/${service}/service.json`;

/** Contradictions between manifests: owners, uses of what nobody owns, routes, checks that another service would answer. */
export function catalogueErrors(manifests: readonly Manifest[]): ManifestError[] {
  return [...secondOwners(manifests), ...unknownUses(manifests), ...sharedRoutes(manifests), ...strayChecks(manifests)];
}

interface Declared {
  readonly type: 'table' | 'bucket';
  readonly name: string;
  readonly owner: string;
  readonly field: string;
}

function declared(manifests: readonly Manifest[]): Declared[] {
  return manifests.flatMap(({ name: owner, owns }) => [
    ...(owns?.tables ?? []).map(({ name }, index) => ({
      type: 'table' as const,
      name,
      owner,
      field: `owns.tables.${index}`,
    })),
    ...(owns?.buckets ?? []).map(({ name }, index) => ({
      type: 'bucket' as const,
      name,
      owner,
      field: `owns.buckets.${index}`,
    })),
  ]);
}

function secondOwners(manifests: readonly Manifest[]): ManifestError[] {
  const all = declared(manifests);
  return all.flatMap((one) => {
    const first = all.find(({ type, name }) => type === one.type && name === one.name);
    if (first === undefined || first.owner === one.owner) return [];
    const problem = `is a ${one.type} that service ${first.owner} owns already`;
    const fix = `Declare it under "uses", or choose another name`;
    return [{ file: manifestFile(one.owner), field: `${one.field}.name`, value: one.name, problem, fix }];
  });
}

function unknownUses(manifests: readonly Manifest[]): ManifestError[] {
  const all = declared(manifests);
  return manifests.flatMap(({ name: service, uses = [] }) =>
    uses.flatMap((use, index) => {
      const type = use.table === undefined ? 'bucket' : 'table';
      const name = use.table ?? use.bucket;
      if (all.some((one) => one.type === type && one.name === name)) return [];
      const known = all.filter((one) => one.type === type).map((one) => one.name);
      const choice = known.length > 0 ? `known ${type}s: ${known.join(', ')}` : `there is no ${type} yet`;
      const fix = `Declare it under "owns" of one service, or correct the name (${choice})`;
      const problem = `is a ${type} that no service owns`;
      return [{ file: manifestFile(service), field: `uses.${index}.${type}`, value: name, problem, fix }];
    }),
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
