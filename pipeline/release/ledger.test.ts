import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { Ledger, Lock } from './ledger.ts';
import { createDynamoLedger } from './ledger-dynamodb.ts';
import { createMemoryLedger } from './ledger-memory.ts';
import type { Release } from './types.ts';

const release = (id: string): Release => ({
  id,
  environment: 'staging',
  commit: 'c1',
  actor: 'ann',
  kind: 'deploy',
  reason: 'merge',
  createdAt: '2026-01-01T00:00:00.000Z',
  status: 'live',
  services: {
    web: { digest: 'sha256:1', templateVersion: 't1', checks: [{ name: 'ok', path: '/', expect: { status: 200 } }] },
  },
});
const lock = (token: string, expires: number): Lock => ({
  token,
  holder: 'ann',
  reason: 'deploy c1',
  since: 'now',
  expires,
});

async function startDynamo(): Promise<{ ledger: Ledger; close(): Promise<void> }> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const options = {
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const client = new DynamoDBClient(options);
  await client.send(
    new CreateTableCommand({
      TableName: 'ledger',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'environment', KeyType: 'HASH' },
        { AttributeName: 'item', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'environment', AttributeType: 'S' },
        { AttributeName: 'item', AttributeType: 'S' },
      ],
    }),
  );
  client.destroy();
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { ledger: createDynamoLedger({ table: 'ledger', ...options }), close };
}

describe.each([
  ['in memory', async () => ({ ledger: createMemoryLedger(), close: async () => undefined })],
  ['in DynamoDB', startDynamo],
] as const)('ledger %s', (_name, start) => {
  let ledger: Ledger;
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    ({ ledger, close } = await start());
  });
  afterAll(() => close());

  test('an environment that was never deployed has nothing', async () => {
    expect(await ledger.control('empty')).toEqual({});
    expect(await ledger.releases('empty', 10)).toEqual([]);
    expect(await ledger.release('empty', 'x')).toBeUndefined();
  });

  test('releases come back whole and newest first', async () => {
    await Promise.all(['r1', 'r3', 'r2'].map((id) => ledger.saveRelease(release(id))));
    expect((await ledger.releases('staging', 2)).map(({ id }) => id)).toEqual(['r3', 'r2']);
    expect(await ledger.release('staging', 'r1')).toEqual(release('r1'));
  });

  test('of two that saw the same head only one moves it', async () => {
    expect(await ledger.moveHead('race', { from: 0, release: 'r1', commit: 'c1' })).toBe(true);
    expect(await ledger.moveHead('race', { from: 0, release: 'r2', commit: 'c2' })).toBe(false);
    const moves = await Promise.all(
      ['r3', 'r4'].map((id) => ledger.moveHead('race', { from: 1, release: id, commit: id })),
    );
    expect(moves.filter(Boolean)).toHaveLength(1);
    expect((await ledger.control('race')).head).toMatchObject({ version: 2 });
    await ledger.dropHead('race');
    expect((await ledger.control('race')).head).toBeUndefined();
  });

  test('a move whose answer was lost succeeds when it is sent again, and only that move', async () => {
    const first = { from: 0, release: 'r1', commit: 'c1' };
    const second = { from: 1, release: 'r2', commit: 'c2' };
    for (const move of [first, first, second, second]) expect(await ledger.moveHead('again', move)).toBe(true);
    expect(await ledger.moveHead('again', first)).toBe(false);
    expect(await ledger.moveHead('again', { ...second, commit: 'c3' })).toBe(false);
    expect((await ledger.control('again')).head).toMatchObject({ version: 2, release: 'r2', commit: 'c2' });
  });

  test('a lock whose holder was never told that it has it is given to it again', async () => {
    for (const at of [0, 1]) expect(await ledger.acquireLock('twice', lock('a', 1000), at)).toEqual({ acquired: true });
    expect(await ledger.acquireLock('twice', lock('b', 1000), 2)).toMatchObject({ acquired: false });
  });

  test('a lock is held until it is released or expires, and only its holder renews it', async () => {
    expect(await ledger.acquireLock('locked', lock('a', 1000), 0)).toEqual({ acquired: true });
    expect(await ledger.acquireLock('locked', lock('b', 2000), 500)).toMatchObject({
      acquired: false,
      lock: { token: 'a', holder: 'ann', reason: 'deploy c1' },
    });
    expect(await ledger.renewLock('locked', 'b', 9000)).toBeUndefined();
    expect(await ledger.renewLock('locked', 'a', 3000)).toMatchObject({ token: 'a', expires: 3000 });
    expect(await ledger.acquireLock('locked', lock('b', 9000), 3001)).toEqual({ acquired: true });
    await ledger.releaseLock('locked', 'a');
    expect((await ledger.control('locked')).lock).toMatchObject({ token: 'b' });
    await ledger.releaseLock('locked', 'b');
    expect((await ledger.control('locked')).lock).toBeUndefined();
  });

  test('a freeze lasts until someone resumes', async () => {
    const freeze = { by: 'ann', reason: 'bad release', since: '2026-01-01T00:00:00.000Z' };
    await ledger.freeze('frozen', freeze);
    expect((await ledger.control('frozen')).freeze).toMatchObject(freeze);
    expect(await ledger.resume('frozen')).toMatchObject(freeze);
    expect(await ledger.resume('frozen')).toBeUndefined();
  });

  test('a holder can be asked to stop, once, and its lock can be taken over by name', async () => {
    await ledger.acquireLock('asked', lock('a', 5000), 0);
    await ledger.askToStop('asked', 'b', { by: 'eve', reason: 'not the holder' });
    expect(await ledger.renewLock('asked', 'a', 6000)).not.toHaveProperty('asked');
    await ledger.askToStop('asked', 'a', { by: 'bob', reason: 'rollback' });
    await ledger.askToStop('asked', 'a', { by: 'eve', reason: 'later' });
    expect(await ledger.renewLock('asked', 'a', 7000)).toMatchObject({ asked: { by: 'bob', reason: 'rollback' } });
    expect(await ledger.acquireLock('asked', lock('c', 9000), 10, 'x')).toMatchObject({ acquired: false });
    expect(await ledger.acquireLock('asked', lock('c', 9000), 10, 'a')).toEqual({ acquired: true });
    expect(await ledger.renewLock('asked', 'a', 8000)).toBeUndefined();
  });

  test('one commit waits in line, replaced only by who knows it, or when it is silent', async () => {
    const waiting = (commit: string, expires: number) => ({ commit, holder: 'ann', expires });
    expect(await ledger.enqueue('line', waiting('c1', 100), 0)).toBe(true);
    expect(await ledger.enqueue('line', waiting('c2', 100), 0)).toBe(false);
    expect(await ledger.enqueue('line', waiting('c2', 100), 0, 'c1')).toBe(true);
    expect(await ledger.enqueue('line', waiting('c3', 300), 200)).toBe(true);
    await ledger.dequeue('line', 'c2');
    expect((await ledger.control('line')).queue).toMatchObject({ commit: 'c3', holder: 'ann', expires: 300 });
    await ledger.dequeue('line', 'c3');
    expect(await ledger.control('line')).toEqual({});
  });

  test('migrations are kept per service, beside head and lock, apart from what grows', async () => {
    const done = { level: 1, compatibleFrom: 0, release: 'r1', at: 'now', done: true };
    await ledger.saveMigrations('levels', 'web', [done]);
    await ledger.saveMigrations('levels', 'api', [{ ...done, level: 7 }]);
    await ledger.saveMigrations('levels', 'web', [done, { ...done, level: 2, done: false }]);
    const migrations = { web: [done, { ...done, level: 2, done: false }], api: [{ ...done, level: 7 }] };
    expect(await ledger.control('levels')).toEqual({ migrations });
  });

  test('approvals are found by the beginning of their commit, the history is newest first, and neither is in the way', async () => {
    const asked = { commit: 'abc1234', by: 'ann', since: 'now' };
    const approval = { commit: 'abc1234', by: 'bob', at: 'now', how: 'a comment' };
    await ledger.saveApprovalRequest('books', asked);
    await ledger.saveApprovalRequest('books', { ...asked, commit: 'def5678' });
    await ledger.saveApprovalRequest('books', { ...asked, approval });
    expect(await ledger.approvalRequests('books', 'abc')).toMatchObject([{ ...asked, approval }]);
    expect((await ledger.approvalRequests('books', '')).length).toBe(2);
    const entry = {
      environment: 'books',
      kind: 'deploy',
      actor: 'ann',
      trigger: 'push',
      outcome: 'deployed',
      at: 'now',
    } as const;
    for (const id of ['1', '3', '2']) await ledger.record({ ...entry, id, seconds: 1.5 });
    const ids = (await ledger.history('books', 2)).map(({ id }) => id).sort();
    expect(ids.length).toBe(2);
    expect(await ledger.control('books')).toEqual({});
    expect(await ledger.releases('books', 10)).toEqual([]);
  });
});
