import { tokenPermissions } from './permissions.ts';

const metadata = 'read' as const;

test.each([
  ['nothing declared', {}, { contents: 'read', packages: 'read', metadata }],
  ['the workflow’s', { workflow: { issues: 'write' } }, { issues: 'write', metadata }],
  [
    'the job’s replaces it whole',
    { workflow: { issues: 'write' }, job: { contents: 'read' } },
    { contents: 'read', metadata },
  ],
  ['empty', { workflow: {} }, { metadata }],
  ['none', { job: { contents: 'none' } }, { metadata }],
  ['a fork reads', { job: { contents: 'write', 'id-token': 'write' }, fork: true }, { contents: 'read', metadata }],
  ['a called workflow inherits', { ceiling: { issues: 'read' } }, { issues: 'read', metadata }],
  [
    'a called workflow stays below its caller',
    { job: { issues: 'write', contents: 'read' }, ceiling: { issues: 'read' } },
    { issues: 'read', metadata },
  ],
] as const)('%s', (_, request, permissions) => {
  expect(tokenPermissions(request)).toEqual(permissions);
});

test('write-all has id-token, read-all has not', () => {
  expect(tokenPermissions({ job: 'write-all' })['id-token']).toBe('write');
  expect(tokenPermissions({ job: 'read-all' })['id-token']).toBeUndefined();
});
