import { DECIMALS, postprocess } from './postprocess.ts';

test('rounds to the decimals it says', () => {
  expect(postprocess(12.345678901)).toBe(Number((12.345678901).toFixed(DECIMALS)));
  expect(postprocess(-0.5)).toBe(-0.5);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%p is no answer', (value) => {
  expect(() => postprocess(value)).toThrow(/the model answered/);
});
