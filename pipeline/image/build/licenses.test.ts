import { licensesOf } from './licenses.ts';

test.each<[string, object[]]>([
  ['MIT', [{ license: { id: 'MIT' } }]],
  ['(MIT OR Apache-2.0)', [{ expression: '(MIT OR Apache-2.0)' }]],
  ['(MIT AND (ISC OR Zlib))', [{ expression: '(MIT AND (ISC OR Zlib))' }]],
  ['FSL-1.1-Apache-2.0', [{ license: { name: 'FSL-1.1-Apache-2.0' } }]],
  ['UNLICENSED', [{ license: { name: 'UNLICENSED' } }]],
  ['Public Domain', [{ license: { name: 'Public Domain' } }]],
  ['SEE LICENSE IN LICENSE.md', [{ license: { name: 'SEE LICENSE IN LICENSE.md' } }]],
  ['MIT OR BSD', [{ license: { name: 'MIT OR BSD' } }]],
  ['MIT OR', [{ license: { name: 'MIT OR' } }]],
  ['', []],
])('%j', (text, licenses) => {
  expect(licensesOf(text)).toEqual(licenses);
});
