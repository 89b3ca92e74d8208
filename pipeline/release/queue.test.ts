import { createWorld } from './testing.ts';

const d = (digest: string): string => `sha256:${digest}`;

function world() {
  const made = createWorld();
  made.clock.alive = true;
  made.commits.push('c000001', 'c000002', 'c000003', 'c000004');
  return made;
}

describe('deployments at the same time', () => {
  test('wait for each other; the newest commit wins, whatever the order, and those in between give way and say so', async () => {
    for (const order of [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
      [2, 4, 1, 3],
      [3, 1, 4, 2],
    ]) {
      const staging = world();
      const heads: string[] = [];
      const { moveHead } = staging.ledger;
      staging.ledger.moveHead = async (environment, move) => {
        heads.push(move.commit);
        return moveHead(environment, move);
      };
      const results = await Promise.all(
        order.map((n) => staging.deploy(`c00000${n}`, { web: `w${n}` }, { lockWaitMs: 600_000 })),
      );
      expect(staging.serving().web).toBe(d('w4'));
      expect(heads).toEqual(heads.toSorted());
      const superseded = results.filter((result) => result.outcome === 'superseded');
      expect(results.filter(({ outcome }) => outcome === 'deployed').length).toBe(4 - superseded.length);
      expect(superseded.length).toBeGreaterThan(0);
      for (const { by, message } of superseded) {
        expect(by > 'c000001').toBe(true);
        expect(message).toMatch(/superseded by c00000\d|is older than c00000\d/);
      }
      const { head, queue, lock } = await staging.ledger.control('staging');
      expect({ commit: head?.commit, queue, lock }).toEqual({ commit: 'c000004', queue: undefined, lock: undefined });
    }
  });

  test('a merge that was overtaken before it came to deploy is superseded; a person who asks for the old commit is refused', async () => {
    const staging = world();
    await staging.deploy('c000002', { web: 'w2' });
    const old = staging.deploy('c000001', { web: 'w1' }, { automatic: true });
    expect(await old).toMatchObject({ outcome: 'superseded', by: 'c000002' });
    expect(await staging.deploy('c000001', { web: 'w1' })).toMatchObject({ outcome: 'refused' });
    expect(staging.serving().web).toBe(d('w2'));
  });

  test('somebody who waited and died does not make others give way for ever', async () => {
    const staging = world();
    await staging.ledger.enqueue(
      'staging',
      { commit: 'c000004', holder: 'dead', expires: staging.clock.time + 5_000 },
      0,
    );
    const first = staging.deploy('c000001', { web: 'w1' });
    staging.clock.time += 10_000;
    const second = staging.deploy('c000002', { web: 'w2' }, { lockWaitMs: 600_000 });
    expect([(await first).outcome, (await second).outcome]).toEqual(['deployed', 'deployed']);
  });
});

test('every change is in the history with actor, trigger, commit, duration and outcome', async () => {
  const staging = world();
  await staging.deploy('c000001', {}, { trigger: 'push' });
  await staging.deploy('c000002', { web: 'w2' }, { trigger: 'push' });
  await staging.rollback('', { trigger: 'workflow_dispatch', actor: 'bob' });
  await staging.deploy('c000003', { web: 'w3' }, { trigger: 'push' });
  const lines = (await staging.ledger.history('staging', 10)).toReversed();
  expect(lines).toMatchObject([
    { kind: 'deploy', outcome: 'deployed', actor: 'ann', trigger: 'push', commit: 'c000001' },
    { kind: 'deploy', outcome: 'deployed', commit: 'c000002' },
    { kind: 'rollback', outcome: 'rolled back', actor: 'bob', trigger: 'workflow_dispatch', commit: 'c000001' },
    { kind: 'deploy', outcome: 'frozen', commit: 'c000003', detail: 'bad answers' },
  ]);
  for (const { seconds, at, id } of lines) expect([seconds >= 0, at > '2026', id > '2026']).toEqual([true, true, true]);
});
