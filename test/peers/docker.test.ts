import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '../../local/runtime/create.ts';
import { describeContainers } from '../compute/scenarios/container.ts';
import { describeFunctions } from '../compute/scenarios/function.ts';
import { describeRollingUpdates } from '../compute/scenarios/rolling-update.ts';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';
import { describeEngine } from './engine-scenarios.ts';
import { engineScene } from './engine-scene.ts';

let engine: DockerEngine;
const before = process.env['DOCKER_HOST'];
beforeAll(async () => {
  engine = await startDockerEngine();
  process.env['DOCKER_HOST'] = engine.host;
}, 60_000);
afterAll(async () => {
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
  await engine?.close();
}, 60_000);

test('an engine that is there is chosen', async () => {
  const home = mkdtempSync(join(tmpdir(), 'slipway-auto-'));
  const messages: string[] = [];
  const runtime = await createRuntime({ home, log: ({ message }) => void messages.push(message) });
  expect(runtime.mode).toBe('docker');
  expect(messages).toEqual([runtime.limitations]);
  rmSync(home, { recursive: true });
});

const scene = engineScene('docker');
describe('one container', () => describeContainers(scene));
describe('ECS service', () => describeRollingUpdates(scene));
describe('Lambda function', () => describeFunctions(scene));
describe('engine', () => describeEngine(scene));
