import { describeContainers } from './scenarios/container.ts';
import { describeFunctions } from './scenarios/function.ts';
import { describeRollingUpdates } from './scenarios/rolling-update.ts';
import { processScene } from './scenarios/scene.ts';

describe('containers as plain processes', () => {
  const scene = processScene('direct');
  describe('one container', () => describeContainers(scene));
  describe('ECS service', () => describeRollingUpdates(scene));
  describe('Lambda function', () => describeFunctions(scene));
});
