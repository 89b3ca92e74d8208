import { createWorld, type World } from './testing.ts';

/** Numbers that look random and are the same every time: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

const commit = (n: number): string => `c${String(n).padStart(6, '0')}`;

/** Starts deployments and rollbacks at odd moments; resolves to the outcomes when all are done. */
async function storm(world: World, seed: number): Promise<readonly string[]> {
  const draw = draws(seed);
  const running: Promise<{ readonly outcome: string }>[] = [];
  for (let n = 2; n < 7; n++) {
    world.commits.push(commit(n));
    if (draw(4) === 0) world.behaviours.set(`sha256:w${n}`, draw(2) === 0 ? 'crashes' : 'answers wrongly');
    const more = { lockWaitMs: 3_600_000, automatic: true, actor: `run ${n}` };
    running.push(world.deploy(commit(n), { web: `w${n}`, scorer: `s${n}`, batch: `b${n}` }, more));
    if (draw(3) === 0) running.push(world.rollback('', { lockWaitMs: 3_600_000, actor: `person ${n}` }));
    for (let pause = draw(2) * draw(30); pause > 0; pause--) await world.clock.sleep(draw(400));
  }
  return (await Promise.all(running)).map(({ outcome }) => outcome);
}

const SEEDS = Array.from({ length: 80 }, (_, seed) => seed + 1);

test('whatever runs at the same time, one complete release serves in the end, and the ledger says which', async () => {
  const seen = new Set<string>();
  for (const seed of SEEDS) {
    const world = createWorld('production');
    world.clock.alive = true;
    await world.deploy(commit(0), { web: 'w0', scorer: 's0', batch: 'b0' });
    await world.deploy(commit(1), { web: 'w1', scorer: 's1', batch: 'b1' });
    const outcomes = await storm(world, seed);
    for (const outcome of outcomes) seen.add(outcome);
    const { head, lock, queue, freeze } = await world.ledger.control('production');
    const releases = await world.ledger.releases('production', 100);
    const live = releases.filter(({ status }) => status === 'live');
    const served = Object.fromEntries(
      Object.entries(live[0]?.services ?? {}).map(([name, { digest }]) => [name, digest]),
    );
    expect({ seed, outcomes, live: live.map(({ id }) => id) }).toEqual({ seed, outcomes, live: [head?.release] });
    expect({ seed, outcomes, serving: world.serving() }).toEqual({ seed, outcomes, serving: served });
    expect({ seed, left: releases.filter(({ status }) => status === 'deploying'), lock, queue }).toEqual({
      seed,
      left: [],
    });
    expect(releases.every(({ actor }) => actor.length > 0)).toBe(true);
    const rolledBack = outcomes.some((outcome) => outcome === 'rolled back' || outcome === 'already there');
    expect({ seed, frozen: freeze !== undefined }).toEqual({ seed, frozen: rolledBack });
    const lines = await world.ledger.history('production', 100);
    expect(lines.filter(({ kind }) => kind !== 'takeover').length).toBe(outcomes.length + 2);
  }
  // The storm is a storm: everything that can happen did.
  for (const outcome of ['deployed', 'failed', 'frozen', 'superseded', 'stopped', 'rolled back'])
    expect(seen).toContain(outcome);
});
