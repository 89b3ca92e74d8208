import { DECIMALS, postprocess } from './postprocess.ts';

test('rounds to the decimals it says', () => {
  expect(postprocess(12.345678901)).toBe(Number((12.345678901).toFixed(DECIMALS)));
  expect(postprocess(-0.5)).toBe(-0.5);
});

test.each([2e-5, -3e-9, 3.4e38, 1e305, 0])('%p loses nothing', (value) => {
  expect(postprocess(value)).toBe(value);
});

test('a small probability keeps its digits', () => {
  expect(postprocess(Math.fround(0.000123456))).toBeCloseTo(0.000123456, 8);
  expect(postprocess(Math.fround(0.9876543))).toBeCloseTo(0.9876543, 7);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%p is no answer', (value) => {
  expect(() => postprocess(value)).toThrow(/the model answered/);
});
