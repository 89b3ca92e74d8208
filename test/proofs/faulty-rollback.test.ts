import { expectNoViolation, failEveryCall, KINDS } from './kit/fault.ts';
import { openScene, outcomeOf } from './kit/scene.ts';

test('whatever call of a rollback fails, in whatever way: the next try has the environment whole', async () => {
  const scene = await openScene();
  try {
    const tally = await failEveryCall(scene, KINDS, async () => {
      await scene.resume();
      const target = await scene.head();
      const deployed = outcomeOf(await scene.carryOut(await scene.nextDeployment()));
      if (deployed !== 'deployed') scene.found.push(`between two rollbacks: ${deployed}`);
      return { order: scene.rollbackTo(target), again: ['rolled back', 'already there'], settled: 'already there' };
    });
    expectNoViolation('rollback', scene, tally);
  } finally {
    await scene.close();
  }
});
