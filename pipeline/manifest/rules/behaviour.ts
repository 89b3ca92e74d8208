import { covers } from '../routes.ts';
import type { Manifest } from '../types.ts';
import type { Finding } from './finding.ts';

const RESERVED_VARIABLE =
  /^(?:PORT|HOST|PATH|HOME|NODE_ENV|AWS_.*|_.*|SLIPWAY_.*|TABLE_.*|BUCKET_.*|PREFIX_.*|TRACING_.*|QUEUE_.*|TOPIC_.*|LAMBDA_.*)$/;

export function redundantRoutes({ routes = [] }: Manifest): Finding[] {
  return routes.flatMap((route, index) => {
    const outer = routes.find((other) => other !== route && covers(other, route));
    if (outer === undefined) return [];
    return [
      {
        field: `routes.${index}`,
        value: route,
        problem: `is already covered by ${outer}`,
        fix: 'Remove one of the two',
      },
    ];
  });
}

export function variables({ environment = {}, secrets = {} }: Manifest): Finding[] {
  const reserved = (['environment', 'secrets'] as const).flatMap((field) =>
    Object.entries(field === 'environment' ? environment : secrets)
      .filter(([name]) => RESERVED_VARIABLE.test(name))
      .map(([name, value]) => ({
        field: `${field}.${name}`,
        value,
        problem: 'is a variable that Slipway or AWS sets',
        fix: 'Choose another name',
      })),
  );
  const twice = Object.keys(secrets)
    .filter((name) => name in environment)
    .map((name) => ({
      field: `secrets.${name}`,
      value: secrets[name],
      problem: 'is also set under environment',
      fix: 'Keep it in one of the two',
    }));
  return [...reserved, ...twice];
}

export function checkBodies({ checks = [] }: Manifest): Finding[] {
  return checks.flatMap(({ method = 'GET', body, expect }, index) => [
    ...(body !== undefined && method === 'GET'
      ? [
          {
            field: `checks.${index}.body`,
            value: body,
            problem: 'is a body on a GET request',
            fix: 'Set method, or remove body',
          },
        ]
      : []),
    ...Object.entries(expect.json ?? {}).flatMap(([path, matcher]) =>
      'between' in matcher && matcher.between[0] > matcher.between[1]
        ? [
            {
              field: `checks.${index}.expect.json.${path}.between`,
              value: matcher.between,
              problem: 'has its higher number first',
              fix: 'Swap the two numbers',
            },
          ]
        : [],
    ),
  ]);
}

export function migrationOrder({ migration }: Manifest): Finding[] {
  if (migration === undefined || migration.compatibleFrom <= migration.level) return [];
  const problem = `is above migration.level (${migration.level}), so not even the code that brings the migration would work`;
  return [{ field: 'migration.compatibleFrom', value: migration.compatibleFrom, problem, fix: 'Lower it' }];
}
