import type { DriftIssues } from '../ports/drift-issues.ts';
import type { StackResult } from '../provision/types.ts';
import { driftMarker, driftMoves } from './issues.ts';
import { keepIssues } from './keep.ts';

const result = (stack: string, status: StackResult['status']): StackResult => ({
  ...{ stack, status, add: 0, change: 0, destroy: 0, seconds: 0, changes: [] },
});
const describe_ = (text: string) => () => `${text} [Run](http://run/1)`;
const issue = (number: number, stack: string, text = 'one') => ({
  number,
  body: `${driftMarker(stack)}\n${text} [Run](http://run/0)`,
});

test('opened when a stack begins to drift, updated when otherwise, left alone when as before, closed when gone', () => {
  const moves = driftMoves(
    [
      result('account', 'changes'),
      result('staging-data', 'changes'),
      result('staging-app', 'no-changes'),
      result('staging-platform', 'no-changes'),
      result('production-data', 'failed'),
    ],
    [
      issue(1, 'staging-data', 'other'),
      issue(2, 'staging-app'),
      issue(3, 'production-data'),
      issue(4, 'production-app'),
    ],
    describe_('one'),
  );
  expect(moves).toMatchObject([
    { kind: 'open', stack: 'account', title: 'Drift: account' },
    { kind: 'update', stack: 'staging-data', number: 1 },
    { kind: 'close', stack: 'staging-app', number: 2 },
  ]);
  expect(driftMoves([result('account', 'changes')], [issue(1, 'account')], describe_('one'))).toEqual([]);
});

test('two issues of one stack become one', () => {
  const open = [issue(1, 'account'), issue(2, 'account')];
  expect(driftMoves([result('account', 'changes')], open, describe_('one'))).toEqual([
    { kind: 'close', stack: 'account', number: 2 },
  ]);
});

test('the repository is made to say it', async () => {
  const said: unknown[] = [];
  const issues: DriftIssues = {
    open: async () => [issue(7, 'staging-app')],
    create: async ({ title, label }) => said.push(['create', title, label]),
    update: async (number) => void said.push(['update', number]),
    close: async (number, comment) => void said.push(['close', number, comment]),
  };
  const kept = await keepIssues([result('account', 'changes'), result('staging-app', 'no-changes')], issues, {
    describe: describe_('one'),
    closing: 'gone',
  });
  expect(said).toEqual([
    ['create', 'Drift: account', 'drift'],
    ['close', 7, 'gone'],
  ]);
  expect(kept.map(({ what }) => what)).toEqual(['opened', 'closed']);
});
