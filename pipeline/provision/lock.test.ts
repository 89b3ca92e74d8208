import { explainLock, lockInError } from './lock.ts';
import { readReport } from './messages.ts';
import { dependencies, dependents, inOrder } from './order.ts';
import { fingerprint } from './records.ts';

const LOCKED = `Error acquiring the state lock: Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        7f4f0c1e-1111-2222-3333-444455556666
  Path:      demo/staging-app.tfstate
  Operation: OperationTypeApply
  Who:       runner@host
  Version:   1.11.4
  Created:   2026-11-21 12:00:00.000000 +0000 UTC
  Info:      `;

test('a lock is explained with who holds it and the way out', () => {
  const lock = lockInError(LOCKED);
  if (lock === undefined) throw new Error('not recognised');
  const words = explainLock('staging-app', lock);
  expect(words).toContain('locked by runner@host since 2026-11-21 12:00:00');
  expect(words).toContain('(apply)');
  expect(words).toContain('force-unlock -force 7f4f0c1e-1111-2222-3333-444455556666');
  expect(lockInError('Error: something else')).toBeUndefined();
});

test('messages: the last summary counts, errors come with their place, other lines do not matter', () => {
  const lines = [
    'Warning: not JSON',
    '{"type":"planned_change","change":{"action":"create","resource":{"addr":"aws_a.b"}}}',
    '{"type":"change_summary","changes":{"add":5,"change":0,"remove":0,"operation":"plan"}}',
    '{"type":"change_summary","changes":{"add":1,"change":2,"remove":3,"operation":"apply"}}',
    '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"No","detail":"Because.","address":"aws_a.b"}}',
    '{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"Hm"}}',
  ];
  expect(readReport(lines.join('\n'))).toEqual({
    add: 1,
    change: 2,
    destroy: 3,
    changes: ['create aws_a.b'],
    errors: ['aws_a.b: No: Because.'],
  });
});

test('stacks wait for what they read, and no longer', async () => {
  const order: string[] = [];
  await inOrder(
    ['staging-app', 'production-platform', 'staging-data', 'staging-platform'],
    dependencies,
    async (stack) => {
      order.push(stack);
    },
  );
  expect(order.indexOf('staging-platform')).toBeLessThan(order.indexOf('staging-data'));
  expect(order.indexOf('staging-data')).toBeLessThan(order.indexOf('staging-app'));
  expect(dependencies('preview-pr-3')).toEqual(['account', 'staging-platform', 'staging-data']);
  expect(dependencies('production-platform')).toEqual(['account']);
  expect(dependents('staging-platform', ['staging-app', 'staging-data', 'account'])).toEqual([
    'staging-app',
    'staging-data',
  ]);
});

test('the fingerprint of a stack follows what it stands on', () => {
  const before = fingerprint('staging-data', 'hash', new Map([['staging-platform', 'a']]));
  expect(fingerprint('staging-data', 'hash', new Map([['staging-platform', 'a']]))).toBe(before);
  expect(fingerprint('staging-data', 'hash', new Map([['staging-platform', 'b']]))).not.toBe(before);
  expect(fingerprint('staging-data', 'other', new Map([['staging-platform', 'a']]))).not.toBe(before);
});
