import { packageImports } from './split.ts';

const statement = (path: string, kind = 'import-statement') => ({ path, kind });
const find = (code: string, ...specifiers: ReturnType<typeof statement>[]) => {
  const found = packageImports({ code, specifiers }, new Set(['plain', '@scope/package']));
  return found && Object.fromEntries(found);
};

test('names are found under their own names, sorted, for each specifier', () => {
  const code =
    'import{z as y,a}from"plain";import d from"@scope/package/sub";import{c}from"plain";import{readFile}from"node:fs";';
  expect(find(code, statement('plain'), statement('@scope/package/sub'), statement('node:fs'))).toEqual({
    '@scope/package/sub': ['default'],
    plain: ['a', 'c', 'z'],
  });
});

test('own code without packages is told apart, too', () => {
  expect(find('import{native}from"native";', statement('native'))).toEqual({});
});

test.each([
  ['a namespace', 'import*as plain from"plain";', statement('plain')],
  ['a default beside a namespace', 'import d,*as plain from"plain";', statement('plain')],
  ['an import for its effect', 'import"plain";', statement('plain')],
  ['import()', 'const a=await import("plain");', statement('plain', 'dynamic-import')],
  ['require', 'const a=require("plain");', statement('plain', 'require-call')],
  ['a name that is no identifier', 'import{"a-b" as a}from"plain";', statement('plain')],
])('%s keeps the service in one bundle', (_what, code, specifier) => {
  expect(find(code, specifier)).toBeUndefined();
});
