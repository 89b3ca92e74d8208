import { approveByComment, askForApproval, gate } from './approval.ts';
import { tellNotLive, tellResumed } from './not-live.ts';
import { createWorld } from './testing.ts';
import { FakeIssues } from './testing-issues.ts';

const COMMIT = 'c000002'.padEnd(40, '0');
const ASK = { environment: 'production', commit: COMMIT, url: 'https://staging.example.test', actor: 'ann' };

function scene() {
  const world = createWorld('production');
  const issues = new FakeIssues();
  issues.writers.add('bob');
  const ports = { ...world.ports, issues };
  const comment = (body: string, author = 'bob', more = {}) =>
    approveByComment(
      {
        environment: 'production',
        approvers: [],
        comment: { body, author, url: 'https://github.test/c/1', number: 7, onPullRequest: false, ...more },
      },
      ports,
    );
  return { world, issues, ports, comment };
}

describe('approval by comment', () => {
  test('a commit waits, somebody who may write approves it, and its deployment starts; all of it is on record', async () => {
    const { world, issues, ports, comment } = scene();
    expect(await askForApproval(ASK, ports)).toMatchObject({
      outcome: 'waiting',
      issue: expect.stringContaining('/issues/1'),
    });
    expect(issues.open('slipway:approval:production')?.body).toContain('`/approve c000002`');
    expect(await gate({ ...ASK, mode: 'comment', run: 1 }, ports)).toMatchObject({ open: false });

    expect(await comment('Looks good.\r\n/approve c000002')).toMatchObject({ outcome: 'approved', commit: COMMIT });
    expect(issues.dispatched).toEqual([{ workflow: 'deploy.yml', inputs: { commit: COMMIT } }]);
    expect(issues.comments).toEqual([{ number: 7, body: expect.stringContaining('approved for production by bob') }]);
    const approval = { commit: COMMIT, by: 'bob', how: 'https://github.test/c/1' };
    expect(await gate({ ...ASK, mode: 'comment', run: 1 }, ports)).toMatchObject({ open: true, approval });
    expect(await askForApproval(ASK, ports)).toMatchObject({ outcome: 'approved', approval });

    world.commits.push(COMMIT);
    const result = await world.deploy(COMMIT, {}, { approval: { ...approval, at: 'now' } });
    expect(result).toMatchObject({ outcome: 'deployed', release: { approval } });
    expect(await world.ledger.history('production', 5)).toContainEqual(
      expect.objectContaining({
        kind: 'approve',
        actor: 'bob',
        outcome: 'approved',
        trigger: 'issue_comment',
        commit: COMMIT,
      }),
    );
  });

  test.each([
    ['somebody who may not write', '/approve c000002', 'mallory', [], /mallory may not write/],
    [
      'somebody who is not on the list',
      '/approve c000002',
      'bob',
      ['carol'],
      /bob is not one of those who approve: carol/,
    ],
    ['a commit that nobody asked for', '/approve fffffff', 'bob', [], /fffffff does not wait for approval/],
    ['no commit at all', '/approve everything', 'bob', [], /neither a commit nor a release/],
  ])('%s approves nothing, and is told why', async (_what, body, author, approvers, words) => {
    const { world, issues, ports } = scene();
    await askForApproval(ASK, ports);
    const comment = { body, author, url: 'u', number: 7, onPullRequest: false };
    const result = await approveByComment({ environment: 'production', approvers, comment }, ports);
    expect(result).toEqual({ outcome: 'refused', problem: expect.stringMatching(words) });
    expect(issues.dispatched).toEqual([]);
    expect(issues.comments[0]?.body).toMatch(words);
    expect(await gate({ ...ASK, mode: 'comment', run: 1 }, ports)).toMatchObject({ open: false });
    expect((await world.ledger.history('production', 1))[0]).toMatchObject({ kind: 'approve', outcome: 'refused' });
  });

  test('talk about approving is no approval', async () => {
    const { comment, issues } = scene();
    for (const body of ['please /approve c000002', '> /approve c000002', '/approved', 'c000002']) {
      expect(await comment(body)).toEqual({ outcome: 'no command' });
    }
    expect(issues.comments).toEqual([]);
  });

  test('a release id will do, and on a merged pull request nothing at all', async () => {
    for (const [body, more] of [
      ['/approve 20260101T000000000Z-c000002', {}],
      ['/approve', { onPullRequest: true }],
      ['/approve', {}],
    ] as const) {
      const { comment, issues, ports } = scene();
      issues.merged.set(7, COMMIT);
      await askForApproval(ASK, ports);
      expect(await comment(body, 'bob', more)).toMatchObject({ outcome: 'approved', commit: COMMIT });
    }
  });

  test('with two that wait, somebody has to say which', async () => {
    const { comment, ports } = scene();
    await askForApproval(ASK, ports);
    await askForApproval({ ...ASK, commit: 'd'.repeat(40) }, ports);
    expect(await comment('/approve')).toMatchObject({
      outcome: 'refused',
      problem: expect.stringContaining('more than one'),
    });
    expect(await comment(`/approve ${'d'.repeat(7)}`)).toMatchObject({ outcome: 'approved' });
  });
});

test("approval by the reviewers of GitHub's environment is taken from the run, and a plan that has none is no open door", async () => {
  const { issues, ports } = scene();
  const request = { environment: 'production', commit: COMMIT, mode: 'environment', run: 5 } as const;
  expect(await gate(request, ports)).toMatchObject({
    open: false,
    problem: expect.stringMatching(/your plan does not offer them/),
  });
  issues.runReviews.push({ environments: ['production'], by: 'carol', approved: true });
  expect(await gate(request, ports)).toMatchObject({
    open: true,
    approval: { by: 'carol', how: expect.stringContaining('review') },
  });
  expect(await gate({ ...request, mode: 'none' }, ports)).toEqual({ open: true });
});

describe('after a rollback', () => {
  test('one issue says which commits on main are not live, until somebody resumes', async () => {
    const { world, issues } = scene();
    for (const n of [1, 2, 3]) await world.deploy(`c00000${n}`, { web: `w${n}` });
    issues.main = ['c000001', 'c000002', 'c000003', 'c000004'];
    const told = await tellNotLive(await world.rollback(), issues);
    expect(told.issue?.url).toContain('/issues/1');
    expect(issues.open('slipway:not-live:production')).toMatchObject({
      title: 'production is back on c000002 and frozen: 2 commits on main are not live',
      body: expect.stringMatching(/`c000004` change c000004.*`c000003` change c000003/s),
    });
    await tellNotLive(await world.rollback(), issues);
    expect(issues.all.size).toBe(1);
    expect(issues.open('slipway:not-live:production')?.title).toContain('back on c000001 and frozen: 3 commits');
    await tellResumed('production', 'ann', issues);
    expect(issues.open('slipway:not-live:production')).toBeUndefined();
    expect(issues.comments.at(-1)?.body).toContain('resumed by ann');
  });

  test('GitHub being down does not make it a failure', async () => {
    const { world, issues } = scene();
    for (const n of [1, 2]) await world.deploy(`c00000${n}`, { web: `w${n}` });
    issues.upsert = async () => Promise.reject(new Error('503 Unicorn'));
    expect(await tellNotLive(await world.rollback(), issues)).toEqual({
      warning: expect.stringContaining('503 Unicorn'),
    });
  });
});
