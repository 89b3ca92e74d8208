import type { ResourceChange } from '../plan/types.ts';
import type { StackResult } from '../provision/types.ts';
import { driftReport } from './drift.ts';
import { planComment } from './plan.ts';

const change = (index: number, attributes = 0): ResourceChange => ({
  address: `aws_dynamodb_table.table-${index}`,
  type: 'aws_dynamodb_table',
  action: 'update',
  stateful: true,
  attributes: Array.from({ length: attributes }, (_, at) => ({
    path: `attribute.${at}`,
    before: 'b'.repeat(80),
    after: 'a'.repeat(80),
    forcesReplacement: false,
  })),
});
const planned = (stack: string, changes: readonly ResourceChange[]): StackResult => ({
  ...{ stack, status: 'changes', add: 0, change: changes.length, destroy: 0, seconds: 1, changes: [] },
  plan: { changes, before: [] },
});
const comment = (...stacks: readonly StackResult[]): string =>
  planComment({ commit: 'c'.repeat(40), run: 'http://run/1', stacks, labels: [], costs: [], violations: [] });

test('a plan of thousands of changes still fits into a comment, and says how many there are', () => {
  const changes = Array.from({ length: 400 }, (_, index) => change(index, 40));
  const text = comment(...['production-data', 'production-app', 'staging-app'].map((stack) => planned(stack, changes)));
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain('1200 changed');
  expect(text).toContain('production-data: 400 resources');
  expect(text).toMatch(/- and \d+ more/);
});

test('so does the difference of one drifting stack', () => {
  const drifting = planned(
    'production-data',
    Array.from({ length: 400 }, (_, index) => change(index, 40)),
  );
  const text = driftReport(drifting, 'http://run/1');
  expect(text.length).toBeLessThan(65_536);
  expect(text).toMatch(/- and \d+ more/);
});

test('what fits is told with every attribute', () => {
  const text = comment(planned('staging-app', [change(1, 12)]));
  expect(text.match(/attribute\.\d+/g)).toHaveLength(12);
});

test('stacks that only a person may apply are named, with the command', () => {
  expect(comment(planned('account', [change(1)]), planned('staging-app', [change(2)]))).toContain(
    '`account` is applied by a person, before the merge: `npm run bootstrap`',
  );
  expect(comment(planned('staging-app', [change(2)]))).not.toContain('npm run bootstrap');
});
