import { roundFloat } from './round-float.ts';

test('floats of every size have the seven digits that toPrecision gives them', () => {
  const bits = new Uint32Array(1);
  const floats = new Float32Array(bits.buffer);
  const wrong: number[] = [];
  const check = (value: number): void => {
    if (Number.isFinite(value) && !Object.is(roundFloat(value), Number(value.toPrecision(7)))) wrong.push(value);
  };
  for (let step = 0; step < 300_000; step++) {
    // Steps of a prime number of units in the last place go through all exponents and both signs.
    bits[0] = Math.imul(step, 14_321);
    check(floats[0] as number);
    // Halves between two numbers of seven digits.
    floats[0] = 1_000_000 + step * 29 + 0.5;
    check(floats[0] as number);
    floats[0] = (step - 150_000) / 1e4;
    check(floats[0] as number);
  }
  for (const value of [0, -0, 1, -1, 10, 9.999999e6, 1e7, 1e-6, 9.9999995, 0.1, 3.4028235e38, 1.4e-45])
    check(Math.fround(value));
  expect(wrong).toEqual([]);
});
