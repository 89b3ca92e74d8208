import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Project } from '../../pipeline/manifest/names.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { App } from '../cdktf.ts';
import { addStacks, type Program } from '../program.ts';

export const project: Project = {
  app: 'demo',
  accountId: '123456789012',
  region: 'us-east-1',
  domain: 'demo.example',
  urlPattern: 'https://{host}',
  repository: 'owner/demo',
  oidcSubject: 'repo:owner@1/demo@2',
};

const common = { description: 'd', entry: 'main.ts', builder: 'node', memory: 512 } as const;

/** One service of every kind. */
export const manifests: readonly Manifest[] = [
  {
    ...common,
    name: 'batch',
    kind: 'job',
    cpu: 256,
    timeout: 60,
    schedule: 'rate(5 minutes)',
    owns: { tables: [{ name: 'jobs', partitionKey: 'id' }], buckets: [{ name: 'results', expireAfterDays: 30 }] },
    secrets: { SENTRY_DSN: 'sentry-dsn' },
  },
  {
    ...common,
    name: 'mail',
    kind: 'worker',
    cpu: 256,
    scaling: { minimum: 1, maximum: 2 },
    owns: { queues: [{ name: 'outbox', deadLetterAfter: 3, topics: ['news'] }] },
    uses: [{ table: 'jobs', access: 'read' }],
  },
  {
    ...common,
    name: 'scorer',
    kind: 'function',
    timeout: 5,
    routes: ['/v1/score'],
    secrets: { SENTRY_DSN: 'sentry-dsn' },
  },
  {
    ...common,
    name: 'web',
    kind: 'web',
    cpu: 256,
    port: 8080,
    health: '/health',
    routes: ['/*', '/v1/*'],
    scaling: { minimum: 1, maximum: 3 },
    owns: { tables: [{ name: 'feedback', partitionKey: 'id' }], topics: [{ name: 'news' }] },
    uses: [
      { bucket: 'results', access: 'read' },
      { topic: 'news', access: 'write' },
      { queue: 'outbox', access: 'write' },
    ],
    secrets: { SENTRY_DSN: 'sentry-dsn' },
  },
];

/** Functions that something else than the load balancer calls. */
export const triggered: readonly Manifest[] = [
  {
    ...common,
    name: 'identity',
    kind: 'function',
    timeout: 5,
    trigger: 'tokens',
    owns: { tables: [{ name: 'memberships', partitionKey: 'user', sortKey: 'organisation' }] },
  },
  { ...common, name: 'renewal', kind: 'function', timeout: 60, trigger: 'rotation', rotates: { 'sentry-dsn': 30 } },
];

type Resource = Readonly<Record<string, unknown>>;

/** A synthesized stack. */
export interface Synthesized {
  readonly text: string;
  /** Resources of a type, by logical name. */
  resources(type: string): readonly (readonly [string, Resource])[];
  readonly all: readonly (readonly [type: string, name: string, resource: Resource])[];
}

/** Synthesizes the whole program in a temporary folder, the way main.ts does. */
export function synthesize(
  root = '/nowhere',
  preview: Program['preview'] = { number: 7, place: 7 },
  change: (manifest: Manifest) => Manifest = (manifest) => manifest,
): ReadonlyMap<string, Synthesized> {
  const outdir = mkdtempSync(join(tmpdir(), 'slipway-stacks-'));
  try {
    const app = new App({ outdir });
    const ids = addStacks(app, { root, project, manifests: manifests.map(change), preview });
    app.synth();
    return new Map(ids.map((id) => [id, read(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8'))]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function read(text: string): Synthesized {
  const { resource = {} } = JSON.parse(text) as { resource?: Record<string, Record<string, Resource>> };
  return {
    text,
    resources: (type) => Object.entries(resource[type] ?? {}),
    all: Object.entries(resource).flatMap(([type, named]) =>
      Object.entries(named).map(([name, value]) => [type, name, value] as const),
    ),
  };
}
