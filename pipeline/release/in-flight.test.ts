import { HANDOVER_MS, takeLock } from './lock.ts';
import { createWorld, type World } from './testing.ts';

const d = (digest: string): string => `sha256:${digest}`;
const all = (n: number) => ({ web: d(`w${n}`), api: d(`a${n}`), scorer: d(`s${n}`), batch: d(`b${n}`) });
const digests = (n: number) => ({ web: `w${n}`, api: `a${n}`, scorer: `s${n}`, batch: `b${n}` });

/** Production at its second release, and a third one that never becomes healthy on its way. */
async function deploying(): Promise<{ world: World; ids: readonly string[]; third: ReturnType<World['deploy']> }> {
  const world = createWorld('production');
  world.clock.alive = true;
  const ids: string[] = [];
  for (const n of [1, 2]) {
    const result = await world.deploy(`c00000${n}`, digests(n));
    if (result.outcome !== 'deployed') throw new Error(JSON.stringify(result));
    ids.push(result.release.id);
  }
  world.behaviours.set(d('w3'), 'never starts');
  const third = world.deploy('c000003', digests(3));
  await world.until(async () => world.serving().web === d('w3'));
  return { world, ids, third };
}

describe('a rollback while a deployment is under way', () => {
  test('stops it: both say so, and everything is back on what served when the button was pressed', async () => {
    const { world, ids, third } = await deploying();
    const [rolledBack, stopped] = await Promise.all([world.rollback('', { actor: 'bob', lockWaitMs: 60_000 }), third]);
    expect(rolledBack).toMatchObject({ outcome: 'rolled back', to: { id: ids[1] }, release: { restores: ids[1] } });
    expect(stopped).toMatchObject({ outcome: 'stopped', message: 'stopped by bob (rollback: bad answers)' });
    expect(world.serving()).toEqual(all(2));
    const [, interrupted] = await world.ledger.releases('production', 10);
    expect(interrupted).toMatchObject({
      commit: 'c000003',
      status: 'interrupted',
      failure: expect.stringContaining('bob'),
    });
    expect(await world.ledger.control('production')).toMatchObject({ freeze: { by: 'bob' } });
    expect((await world.ledger.control('production')).lock).toBeUndefined();
  });

  test('to a chosen release goes there without a detour', async () => {
    const { world, ids, third } = await deploying();
    const [rolledBack] = await Promise.all([world.rollback('c000001', { lockWaitMs: 60_000 }), third]);
    expect(rolledBack).toMatchObject({ outcome: 'rolled back', to: { id: ids[0] } });
    expect(world.serving()).toEqual(all(1));
  });

  test('that was nearly done: the target is still what served when the button was pressed', async () => {
    const { world, ids, third } = await deploying();
    world.behaviours.delete(d('w3'));
    const [rolledBack] = await Promise.all([world.rollback('', { lockWaitMs: 60_000 }), third]);
    expect(rolledBack).toMatchObject({ to: { id: ids[1] } });
    expect(world.serving()).toEqual(all(2));
  });

  test('of one service leaves the others where they belong, not where the deployment had brought them', async () => {
    const { world, third } = await deploying();
    const [rolledBack] = await Promise.all([
      world.rollback('c000001', { services: ['api'], lockWaitMs: 60_000 }),
      third,
    ]);
    expect(rolledBack).toMatchObject({ outcome: 'rolled back', release: { partial: ['api'] } });
    expect(world.serving()).toEqual({ ...all(2), api: d('a1') });
  });

  test('a deployment that waits behind it finds the environment frozen', async () => {
    const { world, third } = await deploying();
    world.commits.push('c000004');
    const fourth = world.deploy('c000004', digests(4), { lockWaitMs: 600_000 });
    await world.rollback('', { lockWaitMs: 60_000 });
    expect(await fourth).toMatchObject({ outcome: 'frozen' });
    await third;
    expect(world.serving()).toEqual(all(2));
  });
});

describe('taking a lock over', () => {
  const request = {
    environment: 'production',
    holder: 'bob, run 7',
    purpose: 'rollback',
    reason: 'rollback',
    waitMs: 0,
  } as const;

  test('a rollback is not asked to stop, unless somebody says so', async () => {
    const world = createWorld('production');
    await world.deploy('c000001');
    world.clock.alive = true;
    const held = await takeLock(request, { ...world.ports, onProgress: () => undefined });
    expect(await world.deploy('c000002', { web: 'w2' })).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringMatching(/locked by bob, run 7.*take-over/)],
    });
    const taken = world.deploy('c000002', { web: 'w2' }, { takeOver: true, actor: 'eve', lockWaitMs: HANDOVER_MS * 2 });
    expect(await taken).toMatchObject({ outcome: 'deployed' });
    await world.clock.sleep(5_000);
    expect(held.ok && held.lock.lost()).toBe(true);
    expect(held.ok && held.lock.signal.reason).toEqual(new Error('stopped by eve (deploy c000002)'));
    expect(await world.ledger.history('production', 5)).toContainEqual(
      expect.objectContaining({ kind: 'takeover', actor: 'eve', detail: expect.stringContaining('bob, run 7') }),
    );
  });
});
