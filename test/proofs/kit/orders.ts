import type { Attempt } from './kill.ts';
import { outcomeOf, type Scene } from './scene.ts';

/** Deploys what the rollback then takes back. */
export async function rollbackOfNewDeployment(scene: Scene): Promise<Attempt> {
  await scene.resume();
  const target = await scene.head();
  const deployed = outcomeOf(await scene.carryOut(await scene.nextDeployment()));
  if (deployed !== 'deployed') scene.found.push(`between two rollbacks: ${deployed}`);
  return { order: scene.rollbackTo(target), again: ['rolled back', 'already there'], settled: 'already there' };
}
