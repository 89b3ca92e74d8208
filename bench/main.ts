import { parseArgs } from 'node:util';
import type { Benchmark, Note, Row } from './row.ts';

interface Entry {
  readonly about: string;
  /** What it can be cut into, each measured by itself with `--part`. */
  readonly parts?: readonly string[];
  load(): Promise<Benchmark>;
}

const SIZE_PARTS = ['34 KB', '1 MB', '10 MB'];

/** `npm run bench -- NAME [--part PART] [--json]`: reproducible measurements, against the peers in the same run where there are any. */
const BENCHMARKS: Readonly<Record<string, Entry>> = {
  story: {
    about: 'seconds of each step of the story, in a fresh local cloud',
    load: async () => (await import('./story.ts')).story,
  },
  synth: {
    about: 'time and memory of synthesis, beside cdktf synth; plans of every stack',
    load: async () => (await import('./synth/synth.ts')).synth,
  },
  release: {
    about: 'API calls, own code and rollback time for 1 to 100 services; size and start of every action',
    load: async () => (await import('./release/release.ts')).release,
  },
  'images-scale': {
    about: 'building 1 to 200 services of which one changed',
    load: async () => (await import('./images/scale.ts')).scale,
  },
  serving: {
    about: 'requests to models: against no model at all, fastify, and many tenants',
    parts: [...SIZE_PARTS, 'tenants', 'hot tenant', 'large models'],
    load: async () => (await import('./serving/serving.ts')).serving,
  },
  asynchronous: {
    about: 'files of rows, as asynchronous and batch predictions work on them: against session.run alone',
    parts: SIZE_PARTS,
    load: async () => (await import('./serving/files.ts')).asynchronous,
  },
  previews: {
    about: 'a preview: first, update, wake, destroy; many side by side; its cost',
    parts: ['one', '10 side by side', '30 side by side', '50 side by side', 'costs'],
    load: async () => (await import('./previews/previews.ts')).previews,
  },
  images: {
    about: 'building and pushing a service, against BuildKit and buildah',
    parts: [
      'ours',
      'buildkit',
      'buildkit-inline',
      'buildkit-npm-ci',
      'buildx-inline',
      'buildx-registry',
      'buildah',
      'buildah-registry',
    ],
    load: async () => (await import('./images/images.ts')).images,
  },
};

const HELP = `Usage: npm run bench -- NAME [--part PART] [--json]

${Object.entries(BENCHMARKS)
  .map(([name, { about, parts }]) => `  ${name.padEnd(13)} ${about}${parts ? ` (${parts.join(', ')})` : ''}`)
  .join('\n')}
`;

function print(row: Row | Note, json: boolean): void {
  if (json || 'note' in row) {
    console.log(json ? JSON.stringify(row) : (row as Note).note);
    return;
  }
  const ratio = row.ratio === undefined ? '' : `   ratio ${row.ratio}`;
  const peer = row.peer === undefined ? '' : `   ${row.peer}: ${row.theirs} ${row.unit}${ratio}`;
  console.log(`${row.case.padEnd(44)} ${String(row.ours).padStart(8)} ${row.unit}${peer}`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      part: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: true,
  });
  const [name = ''] = positionals;
  const entry = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (!entry || positionals.length !== 1) {
    console.error(
      `${name === '' ? 'Name a benchmark' : `There is no benchmark "${positionals.join(' ')}"`}.\n\n${HELP}`,
    );
    return 2;
  }
  const { part } = values;
  if (part !== undefined && !entry.parts?.includes(part)) {
    console.error(`"${part}" is no part of ${name}; its parts: ${entry.parts?.join(', ') ?? 'none'}`);
    return 2;
  }
  const benchmark = await entry.load();
  let rows = 0;
  for await (const row of benchmark(part)) {
    rows += 1;
    print(row, values.json);
  }
  return rows > 0 ? 0 : 1;
}

process.exitCode = await main();
