import { expectNothingWrong, killAtEveryMoment } from './kit/kill.ts';
import { rollbackOfNewDeployment } from './kit/orders.ts';

test('a rollback that is killed before and after every call is finished by the next one', async () => {
  expectNothingWrong('rollback', await killAtEveryMoment(rollbackOfNewDeployment));
});
