import { describeContainers } from '../compute/scenarios/container.ts';
import { describeFunctions } from '../compute/scenarios/function.ts';
import { describeRollingUpdates } from '../compute/scenarios/rolling-update.ts';
import { describeEngine } from './engine-scenarios.ts';
import { engineScene } from './engine-scene.ts';

const scene = engineScene('podman');
describe('one container', () => describeContainers(scene));
describe('ECS service', () => describeRollingUpdates(scene));
describe('Lambda function', () => describeFunctions(scene));
describe('engine', () => describeEngine(scene));
