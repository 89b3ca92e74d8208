import { serviceAccess } from './access.ts';
import { serviceEnvironment, serviceSecrets } from './environment.ts';
import type { Project } from './names.ts';
import type { Manifest } from './types.ts';

const project: Project = {
  app: 'demo',
  accountId: '123456789012',
  region: 'us-east-1',
  domain: 'demo.example',
  urlPattern: 'https://{host}',
  repository: 'o/r',
};
const common = { description: 'd', entry: 'main.ts', builder: 'node', memory: 512 } as const;
const batch: Manifest = {
  ...common,
  name: 'batch',
  kind: 'job',
  cpu: 256,
  timeout: 60,
  owns: { tables: [{ name: 'open-jobs', partitionKey: 'id' }], buckets: [{ name: 'results' }, { name: 'models' }] },
  uses: [{ bucket: 'models', access: 'read' }],
  environment: { LEVEL: 'info' },
  secrets: { SENTRY_DSN: 'sentry-dsn' },
};
const web: Manifest = {
  ...common,
  name: 'web',
  kind: 'web',
  cpu: 256,
  port: 8080,
  health: '/health',
  routes: ['/*'],
  uses: [
    { table: 'open-jobs', access: 'write' },
    { table: 'open-jobs', access: 'read' },
    { bucket: 'results', access: 'read' },
  ],
};
const scorer: Manifest = {
  ...common,
  name: 'scorer',
  kind: 'function',
  timeout: 5,
  routes: ['/v1/*'],
  secrets: { SENTRY_DSN: 'sentry-dsn' },
};
const manifests = [batch, scorer, web];

test('an owner may read and write, unless its own use asks for less', () => {
  expect(serviceAccess(batch, manifests).map(({ declaration, access }) => [declaration.name, access])).toEqual([
    ['models', 'read'],
    ['results', 'read-write'],
    ['open-jobs', 'read-write'],
  ]);
});

test('a read and a write of the same table are one read-write', () => {
  expect(serviceAccess(web, manifests)).toMatchObject([
    { type: 'bucket', access: 'read' },
    { type: 'table', access: 'read-write' },
  ]);
});

test('variables in staging', () => {
  expect(serviceEnvironment(batch, manifests, { environment: 'staging', project })).toEqual({
    AWS_REGION: 'us-east-1',
    BUCKET_MODELS: 'demo-123456789012-staging-models',
    BUCKET_RESULTS: 'demo-123456789012-staging-results',
    LEVEL: 'info',
    SLIPWAY_ENVIRONMENT: 'staging',
    SLIPWAY_SERVICE: 'batch',
    SLIPWAY_TIMEOUT: '60',
    TABLE_OPEN_JOBS: 'staging-open-jobs',
  });
  expect(serviceEnvironment(web, manifests, { environment: 'staging', project })).toMatchObject({ PORT: '8080' });
});

test('queues and topics: names of the environment, and only what their owner or user may do', () => {
  const owner: Manifest = {
    ...batch,
    name: 'mail',
    owns: { queues: [{ name: 'out-box', topics: ['news'] }], topics: [{ name: 'news' }] },
    uses: [],
  };
  const sender: Manifest = {
    ...web,
    uses: [
      { queue: 'out-box', access: 'write' },
      { topic: 'news', access: 'write' },
    ],
  };
  const all = [owner, sender];
  expect(serviceAccess(owner, all).map(({ type, access }) => [type, access])).toEqual([
    ['queue', 'read-write'],
    ['topic', 'write'],
  ]);
  expect(serviceAccess(sender, all).map(({ type, access }) => [type, access])).toEqual([
    ['queue', 'write'],
    ['topic', 'write'],
  ]);
  expect(serviceEnvironment(sender, all, { environment: 'pr-3', project })).toMatchObject({
    QUEUE_OUT_BOX: 'https://sqs.us-east-1.amazonaws.com/123456789012/pr-3-out-box',
    TOPIC_NEWS: 'arn:aws:sns:us-east-1:123456789012:pr-3-news',
  });
});

test('a preview has its own tables, and writes below its own prefix of staging buckets', () => {
  const variables = serviceEnvironment(batch, manifests, { environment: 'pr-7', project });
  expect(variables).toMatchObject({
    BUCKET_RESULTS: 'demo-123456789012-staging-results',
    PREFIX_RESULTS: 'pr-7/',
    TABLE_OPEN_JOBS: 'pr-7-open-jobs',
  });
  expect(variables).not.toHaveProperty('PREFIX_MODELS');
  const full = serviceEnvironment(batch, manifests, { environment: 'pr-7', project, preview: { full: true } });
  expect(full).toMatchObject({ BUCKET_RESULTS: 'demo-123456789012-pr-7-results' });
  expect(full).not.toHaveProperty('PREFIX_RESULTS');
  expect(serviceSecrets(batch, 'pr-7', project)).toEqual({ SENTRY_DSN: '/demo/preview/sentry-dsn' });
});

test('a function gets no reserved variable, and the name of its secret instead of the value', () => {
  expect(serviceEnvironment(scorer, manifests, { environment: 'production', project })).toEqual({
    SENTRY_DSN_FROM: '/demo/production/sentry-dsn',
    SLIPWAY_ENVIRONMENT: 'production',
    SLIPWAY_SERVICE: 'scorer',
  });
});
