import { expectNothingWrong, killAtEveryMoment } from './kit/kill.ts';

test('a deployment that is killed before and after every call is finished by the next one', async () => {
  const tally = await killAtEveryMoment(async (scene) => ({
    order: await scene.nextDeployment(),
    again: ['deployed', 'unchanged'],
    settled: 'unchanged',
  }));
  expectNothingWrong('deploy', tally);
});
