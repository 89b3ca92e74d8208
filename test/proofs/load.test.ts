import { startLoad } from './kit/load.ts';
import { openScene, outcomeOf } from './kit/scene.ts';
import { part } from './kit/share.ts';

const REQUESTS = part(100_000);
/** Deployments, with a rollback after every fifth. */
const RELEASES = Math.max(5, part(20));
const ROLLBACK_AFTER = 5;
/** Requests a second, whatever becomes of those before. */
const RATE = 500;

test('100,000 requests at a constant rate across 20 deployments and rollbacks: none fails', async () => {
  const scene = await openScene({ traffic: false });
  try {
    const load = startLoad(scene.cloud, RATE);
    load.phase('before');
    await load.sent(REQUESTS / 10);
    load.phase('during');
    for (let release = 1; release <= RELEASES; release++) {
      const isRollback = release % ROLLBACK_AFTER === 0;
      if (release % ROLLBACK_AFTER === 1) await scene.resume();
      const order = isRollback ? scene.rollbackTo('') : await scene.nextDeployment();
      const outcome = outcomeOf(await scene.carryOut(order));
      if (outcome !== (isRollback ? 'rolled back' : 'deployed')) scene.found.push(`release ${release}: ${outcome}`);
      await scene.inspect(`release ${release}`);
    }
    load.phase('after');
    await load.sent(REQUESTS);
    const { phases, failures, sent, answers } = await load.stop();
    for (const { name, count, p50, p99 } of phases)
      console.log(`${name}: ${count} requests, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
    console.log(
      `${sent} requests at ${RATE}/s across ${RELEASES} releases, ${failures.length} failed, ${scene.found.length} violations`,
    );
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThanOrEqual(REQUESTS);
    expect(scene.found).toEqual([]);
    // Both builds answered: the requests really went across releases.
    expect(answers.size).toBe(
      2 * scene.cloud.services.filter(({ kind }) => kind === 'web' || kind === 'function').length,
    );
  } finally {
    await scene.close();
  }
});
