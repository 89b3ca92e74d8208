import { type Entry, isJson, type Problem } from './problem.ts';
import { blockOf, type ProviderSchema } from './provider-schema.ts';

interface Reference {
  readonly address: string;
  /** Absent where the whole resource is meant, as in depends_on. */
  readonly attribute?: string;
}

const INTERPOLATION = /(?<!\$)\$\{((?:[^{}]|\{[^{}]*\})*)\}/g;
const ADDRESS = /(?<![\w.-])((?:data\.)?aws_[a-z0-9_]+\.[A-Za-z0-9_-]+)(?:(?:\[[^\]]*\])*\.([a-z0-9_]+))?/g;

/** What a resource refers to points to something of its own stack, by an attribute that is there. */
export function referenceProblems(entries: readonly Entry[], schema: ProviderSchema): readonly Problem[] {
  const known = new Map(entries.map((entry) => [entry.address, entry]));
  return entries.flatMap((entry) =>
    referencesOf(entry).flatMap(({ address, attribute }): Problem[] => {
      const target = known.get(address);
      const field = entry.address;
      if (target === undefined) {
        const fix = 'Declare it in the same stack, or read what another stack published (stacks/parameters.ts)';
        return [
          {
            file: entry.stack,
            field,
            value: address,
            problem: 'refers to something that the stack does not have',
            fix,
          },
        ];
      }
      const block = blockOf(schema, target.type);
      if (attribute === undefined || block === undefined) return [];
      if (attribute === 'id' || attribute in block.attributes || attribute in block.blocks) return [];
      const fix = `Use one of ${Object.keys(block.attributes).sort().join(', ')}`;
      return [
        {
          file: entry.stack,
          field,
          value: `${address}.${attribute}`,
          problem: 'refers to an attribute that is not there',
          fix,
        },
      ];
    }),
  );
}

/** Resources that wait for each other in a circle; one problem for each circle. */
export function cycleProblems(entries: readonly Entry[]): readonly Problem[] {
  const edges = new Map(entries.map((entry) => [entry.address, targets(entry)]));
  const done = new Set<string>();
  const problems: Problem[] = [];
  const visit = (address: string, path: readonly string[]): void => {
    const start = path.indexOf(address);
    if (start >= 0) {
      problems.push(circle(entries, path.slice(start)));
      return;
    }
    if (done.has(address)) return;
    for (const next of edges.get(address) ?? []) visit(next, [...path, address]);
    done.add(address);
  };
  for (const address of edges.keys()) visit(address, []);
  return problems;
}

const targets = (entry: Entry): readonly string[] => [...new Set(referencesOf(entry).map(({ address }) => address))];

function circle(entries: readonly Entry[], path: readonly string[]): Problem {
  const [first = ''] = path;
  return {
    file: entries.find(({ address }) => address === first)?.stack ?? '',
    field: first,
    value: [...path, first].join(' -> '),
    problem: 'waits for itself',
    fix: 'Take one of these references away',
  };
}

const found = new WeakMap<Entry, readonly Reference[]>();

/** Read once for each resource: both checks want them. */
function referencesOf(entry: Entry): readonly Reference[] {
  const references = found.get(entry) ?? readReferences(entry);
  found.set(entry, references);
  return references;
}

function readReferences({ value }: Entry): readonly Reference[] {
  const explicit = Array.isArray(value['depends_on'])
    ? value['depends_on'].map((address) => ({ address: String(address) }))
    : [];
  const { lifecycle: _, '//': __, depends_on: ___, ...rest } = value;
  return [...explicit, ...texts(rest).flatMap(expressionReferences)];
}

const texts = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.includes('${') ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isJson(value) ? Object.values(value).flatMap(texts) : [];
};

const expressionReferences = (text: string): readonly Reference[] =>
  [...text.matchAll(INTERPOLATION)].flatMap(([, expression = '']) =>
    [...withoutTexts(expression).matchAll(ADDRESS)].map(([, address = '', attribute]) => ({
      address,
      ...(attribute === undefined ? {} : { attribute }),
    })),
  );

/** Quoted text inside of an expression refers to nothing. */
const withoutTexts = (expression: string): string => expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
