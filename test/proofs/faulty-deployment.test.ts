import { expectNoViolation, failEveryCall, KINDS } from './kit/fault.ts';
import { openScene } from './kit/scene.ts';

test('whatever call of a deployment fails, in whatever way: the next deployment has the environment whole', async () => {
  const scene = await openScene();
  try {
    const tally = await failEveryCall(scene, KINDS, async () => ({
      order: await scene.nextDeployment(),
      again: ['deployed', 'unchanged'],
      settled: 'unchanged',
    }));
    expectNoViolation('deploy', scene, tally);
  } finally {
    await scene.close();
  }
});
