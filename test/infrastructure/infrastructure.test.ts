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
    scene.github.setVariables({ AWS_ROLE_PLAN: 'arn:aws:iam::000000000000:role/slipway-ci-plan' });
  }, 4 * MINUTES);

  test(
    'a second plan of every stack, and of a full preview, is empty',
    async () => {
      const stacks = [...STACKS, 'preview-pr-7'];
      const preview = { variables: { SLIPWAY_PREVIEW: '7', SLIPWAY_PREVIEW_FULL: 'true' } };
      expect(await scene.provision({ stacks: ['preview-pr-7'], mode: 'apply', ...preview })).toMatchObject({
        ok: true,
      });
      const { stacks: planned } = await scene.provision({ stacks, mode: 'plan', ...preview });
      const found = planned.map(({ stack, status, changes, error }) => ({ stack, status, changes, error }));
      expect(found).toEqual(stacks.map((stack) => ({ stack, status: 'no-changes', changes: [], error: undefined })));
      expect(await scene.provision({ stacks: ['preview-pr-7'], mode: 'destroy', ...preview })).toMatchObject({
        ok: true,
      });
    },
    4 * MINUTES,
  );

  describe('a pull request', () => plans(given));
  describe('the daily look', () => drift(given));
});
