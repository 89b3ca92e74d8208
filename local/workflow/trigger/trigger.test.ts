import { type TriggerEvent, whyNotTriggered } from './filter.ts';
import { dispatchInputs } from './inputs.ts';

const push = (ref: string, changedFiles: readonly string[] = []): TriggerEvent => ({ name: 'push', ref, changedFiles });
const pull = (action: string, changedFiles: readonly string[] = []): TriggerEvent => ({
  name: 'pull_request',
  action,
  ref: 'refs/heads/main',
  changedFiles,
});

test.each([
  ['any push', { push: {} }, push('refs/heads/x'), true],
  ['another event', { pull_request: {} }, push('refs/heads/x'), false],
  ['a branch', { push: { branches: ['main', 'release/**'] } }, push('refs/heads/release/a/b'), true],
  ['another branch', { push: { branches: ['main'] } }, push('refs/heads/x'), false],
  ['an ignored branch', { push: { 'branches-ignore': ['wip/*'] } }, push('refs/heads/wip/a'), false],
  ['a tag where only branches are named', { push: { branches: ['**'] } }, push('refs/tags/v1'), false],
  ['a branch where only tags are named', { push: { tags: ['v*'] } }, push('refs/heads/main'), false],
  ['a tag', { push: { tags: ['v*'], paths: ['src/**'] } }, push('refs/tags/v1'), true],
  ['a path', { push: { paths: ['src/**', '!**/*.md'] } }, push('refs/heads/main', ['a', 'src/b.ts']), true],
  ['an excluded path', { push: { paths: ['src/**', '!**/*.md'] } }, push('refs/heads/main', ['src/b.md']), false],
  ['only ignored paths', { push: { 'paths-ignore': ['docs/**'] } }, push('refs/heads/main', ['docs/a']), false],
  ['not only ignored paths', { push: { 'paths-ignore': ['docs/**'] } }, push('refs/heads/main', ['docs/a', 'b']), true],
  ['a default type', { pull_request: {} }, pull('synchronize'), true],
  ['a type that is no default', { pull_request: {} }, pull('closed'), false],
  ['a named type', { pull_request: { types: ['closed'] } }, pull('closed'), true],
  ['the base branch', { pull_request: { branches: ['main'] } }, pull('opened'), true],
  ['another base branch', { pull_request: { branches: ['next'] } }, pull('opened'), false],
])('%s', (_, triggers, event, starts) => {
  expect(whyNotTriggered(triggers, event) === undefined).toBe(starts);
});

test('inputs of a dispatch: types, defaults, and what is refused', () => {
  const definitions = {
    environment: { type: 'choice', options: ['production', 'staging'], default: 'production' },
    target: null,
    resume: { type: 'boolean' },
    count: { type: 'number', default: 2 },
    reason: { required: true },
  } as const;
  expect(dispatchInputs(definitions, { reason: 'why', resume: true })).toEqual({
    ok: true,
    typed: { environment: 'production', target: '', resume: true, count: 2, reason: 'why' },
    text: { environment: 'production', target: '', resume: 'true', count: '2', reason: 'why' },
  });
  const refusal = (given: Record<string, unknown>) => dispatchInputs(definitions, { reason: 'x', ...given });
  expect(refusal({ reason: '' })).toEqual({ ok: false, message: "Required input 'reason' not provided" });
  expect(refusal({ environment: 'x' })).toMatchObject({
    message: expect.stringContaining('not in the list of allowed values'),
  });
  expect(refusal({ resume: 'yes' })).toMatchObject({ message: expect.stringContaining('is not a boolean') });
  expect(refusal({ count: 'many' })).toMatchObject({ message: expect.stringContaining('is not a number') });
  expect(refusal({ other: 1 })).toEqual({ ok: false, message: 'Unexpected inputs provided: ["other"]' });
});
