import { rmSync } from 'node:fs';
import { provision } from './provision.ts';
import { createCheckout, memoryPorts, stackOf } from './testing.ts';
import type { ProvisionRequest } from './types.ts';

const { root, write } = createCheckout({ 'staging-data': stackOf({ one: '1', two: '2' }) });
afterAll(() => rmSync(root, { recursive: true }));
const ports = memoryPorts();
const run = (request: Partial<ProvisionRequest>) =>
  provision(
    { root, stacks: ['staging-data'], mode: 'apply', environment: { PATH: process.env['PATH'] }, ...request },
    ports,
  );

test('the first apply asks nobody; later ones apply exactly what they planned and say whether it was reviewed', async () => {
  const asked: string[] = [];
  const review = (hashes: ReadonlyMap<string, string>) => async () => {
    asked.push('review');
    return { labels: [], hashes };
  };
  expect((await run({ review: review(new Map()) })).stacks).toMatchObject([{ status: 'applied', add: 2 }]);
  expect((await run({ review: review(new Map()) })).stacks).toMatchObject([{ status: 'unchanged' }]);
  expect(asked).toEqual([]);

  write({ 'staging-data': stackOf({ one: 'other', two: '2' }) });
  const planned = await run({ mode: 'plan' });
  const [stack] = planned.stacks;
  expect(stack?.plan?.changes).toEqual([
    {
      address: 'terraform_data.one',
      type: 'terraform_data',
      action: 'update',
      stateful: false,
      attributes: [{ path: 'input', before: '1', after: 'other', forcesReplacement: false }],
    },
  ]);
  const hashes = new Map([['staging-data', stack?.hash ?? '']]);
  expect((await run({ review: review(hashes) })).stacks).toMatchObject([
    { status: 'applied', change: 1, reviewed: 'yes' },
  ]);
  expect(asked).toEqual(['review']);
  write({ 'staging-data': stackOf({ one: 'again', two: '2' }) });
  expect((await run({ review: review(hashes) })).stacks).toMatchObject([{ status: 'applied', reviewed: 'differs' }]);
  expect((await run({ mode: 'plan', skipUnchanged: true })).stacks).toMatchObject([{ status: 'unchanged' }]);
});

test('what another job synthesized is taken without running main.ts, unless it could start a program', async () => {
  write({ 'staging-data': { ...stackOf({ one: '1' }), data: { external: { e: { program: ['env'] } } } } });
  const refused = await run({ mode: 'plan', synthesized: true });
  if (refused.ok) throw new Error('was accepted');
  // The folder still holds what was synthesized last: Terraform's own resources with a local state, which is not ours to run.
  expect(refused.problem).toMatch(/staging-data: a state that is not its own/);
  const missing = await run({ mode: 'plan', synthesized: true, stacks: ['staging-app'] });
  expect(missing).toMatchObject({ ok: false, problem: expect.stringMatching(/staging-app: cannot be read/) });
});
