import { doctorAndBootstrap } from './scenarios/doctor.ts';
import { drift } from './scenarios/drift.ts';
import { plans } from './scenarios/plan.ts';
import { createScene, type Scene, STACKS } from './scene.ts';

const MINUTES = 60_000;
let scene: Scene;

beforeAll(async () => {
  scene = await createScene();
}, MINUTES);
afterAll(() => scene?.close(), MINUTES);

const given = (): Scene => scene;

// One account from its first day on: each part stands on what the one before it made.
describe('a new account', () => doctorAndBootstrap(given));

describe('infrastructure that is as main says', () => {
  beforeAll(async () => {
    const applied = await scene.provision({ stacks: STACKS, mode: 'apply' });
    if (!applied.ok) throw new Error(applied.problem);
  }, 4 * MINUTES);

  describe('a pull request', () => plans(given));
  describe('the daily look', () => drift(given));
});
