/** How the numbers of a model become the numbers of the answer. */

/** Digits after the decimal point. A float32 carries about seven significant digits, so more would be noise. */
export const DECIMALS = 4;

/** @throws when a model answers no number, because JSON would turn that into null without a word */
export function postprocess(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`the model answered ${value}`);
  const factor = 10 ** DECIMALS;
  return Math.round(value * factor) / factor;
}
