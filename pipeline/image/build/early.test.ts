import { settleEarly } from './early.ts';

const sourcesOf = (code: string, files: readonly string[] = ['services/web/main.ts']) => {
  const paths = [...code.matchAll(/from"([^"]+)"|import\("([^"]+)"\)/g)].map(([, one, other]) => one ?? other ?? '');
  return {
    imports: [],
    bundle: { code: Buffer.from(code), inputs: new Map(files.map((file) => [file, 1])), native: [] },
    specifiers: paths.map((path) => ({ path, kind: 'import-statement' })),
  };
};
const know = (known: readonly string[], external: readonly string[]) => ({ known: new Set(known), external });

test('packages that stay outside get their own names, and no character moves', () => {
  const code =
    'import{a}from"slipway-packages:@scope/native/deep";import{b}from"slipway-packages:plain";f(await import("slipway-packages:@scope/native"));';
  const settled = settleEarly(sourcesOf(code), know(['@scope/native', 'plain'], ['@scope/native']));
  const text = Buffer.from(settled?.bundle.code ?? []).toString();
  expect(text.replaceAll(/ +/g, '')).toBe(
    'import{a}from"@scope/native/deep";import{b}from"slipway-packages:plain";f(awaitimport("@scope/native"));',
  );
  expect(text).toHaveLength(code.length);
  expect(text.indexOf('import{b}')).toBe(code.indexOf('import{b}'));
  expect(settled?.bundle.native).toEqual(['@scope/native']);
  expect(settled?.specifiers.map(({ path }) => path)).toEqual([
    '@scope/native/deep',
    'slipway-packages:plain',
    '@scope/native',
  ]);
});

test('code without packages that stay outside is as the bundler wrote it', () => {
  const sources = sourcesOf('import{b}from"slipway-packages:plain";import{c}from"node:fs";');
  expect(settleEarly(sources, know(['plain'], ['native']))).toEqual(sources);
});

test.each([
  ['a package that the lock file does not have', 'import{b}from"slipway-packages:stray";', undefined],
  ['a package that was bundled', 'f();', ['services/web/main.ts', 'node_modules/stray/index.js']],
])('%s is bundled once more, with all that is known', (_what, code, files) => {
  expect(settleEarly(sourcesOf(code, files), know(['plain'], []))).toBeUndefined();
});
