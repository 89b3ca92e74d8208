import { importFromPackages, packageImports } from './split.ts';

const bundleOf = (code: string) => ({ code: Buffer.from(code), inputs: new Map(), native: [] });
const find = (code: string, ...kinds: string[]) => {
  const paths = [...code.matchAll(/"([^"]*:[^"]*)"/g)].map(([, path = '']) => path);
  const specifiers = paths.map((path, index) => ({ path, kind: kinds[index] ?? 'import-statement' }));
  const found = packageImports({ bundle: bundleOf(code), specifiers });
  return found && Object.fromEntries(found);
};

test('names are found under their own names, sorted, for each specifier', () => {
  const code =
    'import{z as y,a}from"slipway-packages:plain";import d from"slipway-packages:@scope/package/sub";import{c}from"slipway-packages:plain";import{readFile}from"node:fs";';
  expect(find(code)).toEqual({ '@scope/package/sub': ['default'], plain: ['a', 'c', 'z'] });
});

test('own code without packages is told apart, too', () => {
  expect(find('import{native}from"native";')).toEqual({});
});

test.each([
  ['a namespace', 'import*as plain from"slipway-packages:plain";'],
  ['a default beside a namespace', 'import d,*as plain from"slipway-packages:plain";'],
  ['an import for its effect', 'import"slipway-packages:plain";'],
  ['names that are passed on', 'import{a}from"slipway-packages:plain";export{b}from"slipway-packages:plain";'],
  ['import()', 'const a=await import("slipway-packages:plain");', 'dynamic-import'],
  ['require', 'const a=require("slipway-packages:plain");', 'require-call'],
  ['a name that is no identifier', 'import{"a-b" as a}from"slipway-packages:plain";'],
])('%s keeps the service in one bundle', (_what, code, ...kinds) => {
  expect(find(code, ...kinds)).toBeUndefined();
});

test('own code imports from the files beside it, and no character moves', () => {
  const code =
    'import a from"slipway-packages:a";import b,{c}from"slipway-packages:b";import{d}from"slipway-packages:c";f("slipway-packages:");';
  const imports = new Map([
    ['a', ['default']],
    ['b', ['c', 'default']],
    ['c', ['d']],
  ]);
  const turned = Buffer.from(importFromPackages(bundleOf(code), imports).code).toString();
  expect(turned.replaceAll(/ +;/g, ';')).toBe(
    'import a from"./packages.mjs";import b,{c}from"./packages/1.mjs";import{d}from"./packages.mjs";f("slipway-packages:");',
  );
  expect(turned.indexOf('import{d}')).toBe(code.indexOf('import{d}'));
  expect(turned).toHaveLength(code.length);
});
