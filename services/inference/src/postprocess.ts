/** How the numbers of a model become the numbers of the answer. */

/** Digits after the decimal point. A float32 carries about seven significant digits, so more would be noise. */
export const DECIMALS = 4;

/** Below one, digits behind the first zeros count: a probability of 0.00002 is not none. */
const FURTHER_DECIMALS = 4;
/** What is smaller or larger is given as it is: nothing of it may be lost, and nothing may overflow. */
const SMALLEST = 1e-4;
const LARGEST = 1e11;

/** @throws when a model answers no number, because JSON would turn that into null without a word */
export function postprocess(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`the model answered ${value}`);
  const size = Math.abs(value);
  if (size < SMALLEST || size > LARGEST) return value;
  const factor = 10 ** (size < 1 ? DECIMALS + FURTHER_DECIMALS : DECIMALS);
  return Math.round(value * factor) / factor;
}
