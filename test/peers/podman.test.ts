import { describeContainers } from '../compute/scenarios/container.ts';
import { describeFunctions } from '../compute/scenarios/function.ts';
import { describeRollingUpdates } from '../compute/scenarios/rolling-update.ts';
import { describeEngine } from './engine-scenarios.ts';
import { engineScene } from './engine-scene.ts';
import { createPodmanStorage } from './podman-storage.ts';

const storage = createPodmanStorage();
const before = process.env['CONTAINERS_STORAGE_CONF'];
beforeAll(() => {
  process.env['CONTAINERS_STORAGE_CONF'] = storage.file;
});
afterAll(async () => {
  if (before === undefined) delete process.env['CONTAINERS_STORAGE_CONF'];
  else process.env['CONTAINERS_STORAGE_CONF'] = before;
  await storage.close();
}, 60_000);

const scene = engineScene('podman');
describe('one container', () => describeContainers(scene));
describe('ECS service', () => describeRollingUpdates(scene));
describe('Lambda function', () => describeFunctions(scene));
describe('engine', () => describeEngine(scene));
