import { join } from 'node:path';
import type { ObjectStore } from '../../kit/aws/objects.ts';
import { memoryLog, memoryObjects, memoryReporter, objectsOf } from '../../kit/test-support.ts';
import { createDynamoJobs } from './dynamo-jobs.ts';
import { startTable } from './test-table.ts';
import { work } from './work.ts';

const models = objectsOf(join(import.meta.dirname, '../../inference/models'));
const light = [4, 97, 67, 2065, 17.8, 1980, 2];
const HOUR = 3_600_000;
let table: Awaited<ReturnType<typeof startTable>>;

beforeEach(async () => {
  table = await startTable('jobs');
});
afterEach(() => table.close());

function run(
  owner: string,
  { results = memoryObjects() as ObjectStore, now = HOUR, stopping = new AbortController().signal, prefix = '' } = {},
) {
  const jobs = createDynamoJobs(table.documents, 'jobs');
  const { log } = memoryLog();
  const { reporter } = memoryReporter();
  return work({ owner, jobs, results, models, prefix, log, reporter, stopping, now: () => now });
}

const textOf = (results: ReturnType<typeof memoryObjects>, key: string) =>
  Buffer.from(results.objects.get(key) ?? '').toString();

test('predicts new jobs, from the job itself and from an object, and leaves finished ones alone', async () => {
  await table.put({ id: 'a', status: 'new', model: 'fuel-economy', rows: [light, light] });
  await table.put({ id: 'b', status: 'new', model: 'flight-delay', version: '1', inputKey: 'inputs/b.jsonl' });
  await table.put({ id: 'c', status: 'done', model: 'fuel-economy' });
  const results = memoryObjects(new Map([['pr-1/inputs/b.jsonl', Buffer.from('[6,800,2]\n[21,800,4]\n')]]));

  expect(await run('me', { results, prefix: 'pr-1/' })).toEqual({ done: 2, failed: 0 });

  const lines = textOf(results, 'pr-1/jobs/a.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { miles_per_gallon: expect.closeTo(35.3, 0) },
    { miles_per_gallon: lines[0]?.miles_per_gallon },
  ]);
  expect(textOf(results, 'pr-1/jobs/b.jsonl').trim().split('\n')).toHaveLength(2);
  expect(await table.get('a')).toEqual({
    id: 'a',
    status: 'done',
    model: 'fuel-economy',
    rows: [light, light],
    attempts: 1,
    resultKey: 'pr-1/jobs/a.jsonl',
    rowCount: 2,
    finishedAt: '1970-01-01T01:00:00.000Z',
    expiresAt: HOUR / 1000 + 30 * 86_400,
  });
  expect(await table.get('c')).toEqual({ id: 'c', status: 'done', model: 'fuel-economy' });
});

test('two runs at the same time: every job is done exactly once', async () => {
  const ids = Array.from({ length: 30 }, (_, at) => `job-${at}`);
  await Promise.all(ids.map((id) => table.put({ id, status: 'new', model: 'fuel-economy', rows: [light] })));
  const written: string[] = [];
  const results: ObjectStore = {
    ...memoryObjects(),
    write: async (key) => void written.push(key),
  };

  const [one, other] = await Promise.all([run('one', { results }), run('other', { results })]);

  expect(one.done + other.done).toBe(30);
  expect(written.sort()).toEqual(ids.map((id) => `jobs/${id}.jsonl`).sort());
  expect((await table.get('job-7'))?.['attempts']).toBe(1);
});

test('the job of a run that was killed is taken again after the lease, not before', async () => {
  await table.put({ id: 'a', status: 'new', model: 'fuel-economy', rows: [light] });
  const jobs = createDynamoJobs(table.documents, 'jobs');
  const killed = { id: 'a', owner: 'killed', now: 0, leaseUntil: HOUR };
  expect(await jobs.claim(killed)).toMatchObject({ id: 'a', attempts: 1 });

  expect(await run('early', { now: HOUR - 1 })).toEqual({ done: 0, failed: 0 });
  expect(await run('late', { now: HOUR + 1 })).toEqual({ done: 1, failed: 0 });
  expect(await jobs.finish(killed, { status: 'failed', reason: 'too late' })).toBe(false);
  expect(await table.get('a')).toMatchObject({ status: 'done', attempts: 2 });
});

test('a job that kills every run that takes it is given up', async () => {
  await table.put({
    id: 'a',
    status: 'running',
    owner: 'x',
    leaseUntil: 0,
    attempts: 3,
    model: 'fuel-economy',
    rows: [light],
  });
  expect(await run('me')).toEqual({ done: 0, failed: 1 });
  expect(await table.get('a')).toMatchObject({
    status: 'failed',
    reason: 'given up after 3 attempts that did not end',
  });
});

test.each([
  [{ model: 'none', rows: [light] }, 'there is no model none'],
  [{ model: 'fuel-economy', version: '9', rows: [light] }, 'there is no model fuel-economy in version 9'],
  [{ model: 'fuel-economy' }, 'the job has neither `rows` nor `inputKey`'],
  [{ model: 'fuel-economy', rows: 'x' }, '`rows` has to be a list'],
  [{ model: 'fuel-economy', rows: [] }, 'there are no rows'],
  [{ model: 'fuel-economy', rows: [light, [1, 2]] }, 'rows from 0: row 1 has 2 values, the shape [2,7] needs 7'],
  [
    { model: 'fuel-economy', rows: [[...light.slice(0, 6), 'Japan']] },
    'rows from 0: row 0 at 6 is "Japan", expected a number',
  ],
  [{ model: 'fuel-economy', inputKey: 'inputs/none' }, 'inputs/none does not exist'],
  [{ model: 'fuel-economy', inputKey: 'inputs/bad' }, 'inputs/bad line 2 is not JSON'],
])('a job that cannot be done fails with its reason, the next one is done: %j', async (job, reason) => {
  await table.put({ id: 'bad', status: 'new', ...job });
  await table.put({ id: 'good', status: 'new', model: 'fuel-economy', rows: [light] });
  const results = memoryObjects(new Map([['inputs/bad', Buffer.from('[1]\n{')]]));
  expect(await run('me', { results })).toEqual({ done: 1, failed: 1 });
  expect(await table.get('bad')).toMatchObject({ status: 'failed', reason });
});

test('an outage gives the job back and ends the run', async () => {
  await table.put({ id: 'a', status: 'new', model: 'fuel-economy', rows: [light] });
  const results: ObjectStore = {
    ...memoryObjects(),
    write: async () => {
      throw new Error('S3 is away');
    },
  };
  await expect(run('me', { results })).rejects.toThrow('S3 is away');
  expect(await table.get('a')).toMatchObject({ status: 'new', attempts: 1 });
});

test('a run that is told to stop takes no further job', async () => {
  await table.put({ id: 'a', status: 'new', model: 'fuel-economy', rows: [light] });
  expect(await run('me', { stopping: AbortSignal.abort() })).toEqual({ done: 0, failed: 0 });
  expect(await table.get('a')).toMatchObject({ status: 'new' });
});
