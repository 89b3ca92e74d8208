import { RESOURCE_TYPES, RESOURCES } from '../access.ts';
import type { Manifest } from '../types.ts';
import type { Finding } from './finding.ts';

export function useNamesOneThing({ uses = [] }: Manifest): Finding[] {
  return uses.flatMap((use, index): Finding[] => {
    const named = RESOURCE_TYPES.filter((type) => use[type] !== undefined);
    const field = `uses.${index}`;
    if (named.length !== 1) {
      const fix = 'Write one of "table", "bucket", "queue" and "topic"; one entry for each';
      return [{ field, value: use, problem: 'must name exactly one thing', fix }];
    }
    if (use.topic === undefined || use.access === 'write') return [];
    const fix = 'Write "write" to publish; to receive, own a queue and name the topic in its "topics"';
    return [
      { field: `${field}.access`, value: use.access, problem: 'is not possible: a topic is only written to', fix },
    ];
  });
}

export function uniqueDeclarations({ owns }: Manifest): Finding[] {
  return Object.values(RESOURCES).flatMap((field) => {
    const names = (owns?.[field] ?? []).map(({ name }) => name);
    return names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [
            {
              field: `owns.${field}.${index}.name`,
              value: name,
              problem: 'is declared twice',
              fix: 'Remove one of the two',
            },
          ],
    );
  });
}

export function queueNames({ owns }: Manifest): Finding[] {
  return (owns?.queues ?? []).flatMap(({ name }, index) =>
    name.endsWith('-dead')
      ? [
          {
            field: `owns.queues.${index}.name`,
            value: name,
            problem: "has the name of another queue's dead letters",
            fix: 'Choose a name that does not end with -dead',
          },
        ]
      : [],
  );
}

export function tableAttributes({ owns }: Manifest): Finding[] {
  return (owns?.tables ?? []).flatMap(({ partitionKey, sortKey, timeToLive }, index) => {
    const keys = [partitionKey, sortKey];
    const fix = 'Name another attribute';
    const field = (name: string): string => `owns.tables.${index}.${name}`;
    return [
      ...(sortKey === partitionKey
        ? [{ field: field('sortKey'), value: sortKey, problem: 'is the partition key, too', fix }]
        : []),
      ...(timeToLive !== undefined && keys.includes(timeToLive)
        ? [{ field: field('timeToLive'), value: timeToLive, problem: 'is a key, and keys are strings', fix }]
        : []),
    ];
  });
}
