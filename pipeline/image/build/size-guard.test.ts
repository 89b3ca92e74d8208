import { type ImageSize, partsOf, requireFits } from './size-guard.ts';

const MIB = 1 << 20;
const size = (more: Partial<ImageSize>): ImageSize => ({ base: 50 * MIB, bundle: [], native: [], assets: [], ...more });
const scorer = { name: 'scorer', kind: 'function', memory: 512 } as const;

test('what fits, fits', () => {
  expect(() => requireFits(scorer, size({ native: [{ name: 'onnxruntime-node', bytes: 46 * MIB }] }))).not.toThrow();
});

test('the limit of the kind counts, and the largest parts are named first', () => {
  const assets = [
    { name: 'app/small', bytes: MIB },
    { name: 'app/model.onnx', bytes: 10_239 * MIB },
  ];
  expect(() => requireFits(scorer, size({ assets }))).toThrow(
    'scorer (function) has 10290.0 MiB and Lambda takes 10240.0 MiB; largest parts: app/model.onnx 10239.0 MiB, app/small 1.0 MiB',
  );
  expect(() => requireFits({ ...scorer, kind: 'web' }, size({ assets }))).not.toThrow();
});

test('a bundle is split into its packages', () => {
  const inputs = new Map([
    ['services/web/main.ts', 5],
    ['services/kit/log.ts', 7],
    ['node_modules/@aws-sdk/client-s3/index.js', 100],
    ['node_modules/a/node_modules/b/x.js', 30],
    ['node_modules/a/node_modules/b/y.js', 1],
  ]);
  expect(partsOf({ inputs, code: new Uint8Array(), native: [] })).toEqual([
    { name: 'own code', bytes: 12 },
    { name: '@aws-sdk/client-s3', bytes: 100 },
    { name: 'b', bytes: 31 },
  ]);
});
