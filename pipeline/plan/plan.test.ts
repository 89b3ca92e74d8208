import type { StackResult } from '../provision/types.ts';
import { readViolations } from './controls.ts';
import { losses, refuseLoss } from './guard.ts';
import { readPlan } from './read.ts';
import { compareReview, readReviewMark, reviewMark } from './review.ts';
import { waitsFor } from './waits.ts';

const change = (type: string, actions: readonly string[], more: object = {}) => ({
  address: `${type}.it`,
  mode: 'managed',
  type,
  change: { actions, before: null, after: null, after_unknown: {}, before_sensitive: {}, after_sensitive: {}, ...more },
});

const plan = (...resource_changes: readonly object[]) => readPlan(JSON.stringify({ resource_changes }));

test('what is destroyed comes first; what stays as it is, and data that is read, does not count', () => {
  const { changes } = plan(
    change('aws_vpc', ['create']),
    change('aws_subnet', ['no-op']),
    change('aws_iam_role', ['update'], { before: { description: 'a' }, after: { description: 'b' } }),
    change('aws_sqs_queue', ['create', 'delete']),
    change('aws_dynamodb_table', ['delete']),
    { ...change('aws_ssm_parameter', ['read']), mode: 'data' },
  );
  expect(changes.map(({ action, type, stateful }) => [action, type, stateful])).toEqual([
    ['delete', 'aws_dynamodb_table', true],
    ['replace', 'aws_sqs_queue', true],
    ['update', 'aws_iam_role', false],
    ['create', 'aws_vpc', false],
  ]);
});

test('attributes: what differs, why it is replaced, nothing that is secret or merely follows', () => {
  const { changes } = plan(
    change('aws_dynamodb_table', ['delete', 'create'], {
      before: {
        hash_key: 'id',
        arn: 'arn:old',
        tags: { a: '1' },
        ttl: [],
        password: 'hunter2',
        attribute: [{ name: 'id' }],
      },
      after: {
        hash_key: 'key',
        tags: { a: '1', b: '2' },
        ttl: null,
        password: 'hunter3',
        attribute: [{ name: 'key' }],
      },
      after_unknown: { arn: true },
      before_sensitive: { password: true },
      replace_paths: [['hash_key']],
    }),
  );
  expect(changes[0]?.attributes).toEqual([
    { path: 'attribute.0.name', before: 'id', after: 'key', forcesReplacement: false },
    { path: 'hash_key', before: 'id', after: 'key', forcesReplacement: true },
    { path: 'password', before: '(sensitive)', after: '(sensitive)', forcesReplacement: false },
    { path: 'tags.b', before: '(nothing)', after: '2', forcesReplacement: false },
  ]);
});

test('long texts are shown where they differ', () => {
  const json = (count: number) => JSON.stringify({ long: 'x'.repeat(200), count, rest: 'y'.repeat(200) });
  const { changes } = plan(
    change('aws_ssm_parameter', ['update'], { before: { value: json(1) }, after: { value: json(2) } }),
  );
  const [shown] = changes[0]?.attributes ?? [];
  expect(shown?.before).toMatch(/^…x+","count":1,"rest":"y+…$/);
  expect(shown?.after).toMatch(/^…x+","count":2,"rest":"y+…$/);
});

test('a stack waits for the one that is going to publish what it reads, and only then', () => {
  const stack = (name: string, status: StackResult['status'], error?: string): StackResult => ({
    ...{ stack: name, status, add: 0, change: 0, destroy: 0, seconds: 0, changes: [] },
    ...(error === undefined ? {} : { error }),
  });
  const missing = "couldn't find SSM Parameter (/slipway/staging/platform/key)";
  const all = [
    stack('staging-platform', 'changes'),
    stack('staging-data', 'failed', missing),
    stack('staging-app', 'failed', missing),
    stack('production-app', 'failed', missing),
    stack('production-data', 'failed', 'Invalid value'),
  ];
  expect(all.map((one) => waitsFor(one, all))).toEqual([
    undefined,
    'staging-platform',
    'staging-platform',
    undefined,
    undefined,
  ]);
});

test('controls that do not hold are told; what cannot be read is told, too', () => {
  const verdict = {
    control: { id: 'S3-01', why: 'encryption' },
    broken: [{ stack: 'staging-data', resource: 'aws_s3_bucket.b' }],
  };
  const held = { control: { id: 'S3-02', why: 'logging' }, holds: [{}], broken: [] };
  expect(readViolations([verdict, held].map((one) => JSON.stringify(one)).join('\n'))).toEqual([
    'S3-01: staging-data aws_s3_bucket.b: encryption',
  ]);
  expect(readViolations('Error: cannot find module')).toEqual([
    'The controls could not be judged: Error: cannot find module',
  ]);
});

test('data that would be lost needs the label; previews and what holds no data do not', () => {
  const lossy = plan(change('aws_dynamodb_table', ['delete']), change('aws_ecs_service', ['delete', 'create']));
  const stacks = [{ stack: 'staging-data', plan: lossy }];
  expect(losses(stacks).map(({ change: { address } }) => address)).toEqual(['aws_dynamodb_table.it']);
  expect(refuseLoss(stacks, [])).toMatch(/staging-data: delete aws_dynamodb_table.it.*allow-destroy/);
  expect(refuseLoss(stacks, ['allow-destroy'])).toBeUndefined();
  expect(refuseLoss([{ stack: 'preview-pr-1', plan: lossy }], [])).toBeUndefined();
});

test('hashes travel in the comment, and a deployment compares with them', () => {
  const hashes = new Map([
    ['account', 'abc'],
    ['staging-app', 'def'],
  ]);
  const read = readReviewMark(`Some text\n${reviewMark(hashes)}\nmore`);
  expect(read).toEqual(hashes);
  expect(readReviewMark('no mark')).toEqual(new Map());
  const review = { labels: [], hashes: read };
  expect(['account', 'staging-app', 'staging-data'].map((stack) => compareReview(review, stack, 'abc'))).toEqual([
    'yes',
    'differs',
    'no',
  ]);
});
