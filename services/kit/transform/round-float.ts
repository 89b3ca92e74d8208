const MOST_DECIMALS = 12;
const POWERS = Float64Array.from({ length: MOST_DECIMALS + 1 }, (_, power) => 10 ** power);
/** Below, a float32 times a power of ten is exact: it has 24 bits, a power of five up to the twelfth 28, and a double 53. */
const SMALLEST = 1e-6;
const LARGEST = 1e7;
const DIGITS = 7;

/** Seven significant digits, which is what a float32 carries: the number that `toPrecision` writes, without writing it. @param value a float32 */
export function roundFloat(value: number): number {
  const size = Math.abs(value);
  if (!(size >= SMALLEST && size < LARGEST)) return Number(value.toPrecision(DIGITS));
  let decimals = DIGITS - 1;
  if (size >= 1) while (size >= (POWERS[DIGITS - decimals] as number)) decimals -= 1;
  else while (size * (POWERS[decimals] as number) < LARGEST / 10) decimals += 1;
  const power = POWERS[decimals] as number;
  const rounded = Math.round(size * power) / power;
  return value < 0 ? -rounded : rounded;
}
