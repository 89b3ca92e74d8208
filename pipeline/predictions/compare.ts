import type { PredictionDifference, Tensor, Tolerance } from './types.ts';

/** A difference of one output, before anyone knows whose it is. */
export type OutputDifference = Pick<
  PredictionDifference,
  'output' | 'old' | 'new' | 'difference' | 'allowed' | 'beyond'
>;

export interface Comparison {
  readonly old: readonly Tensor[];
  readonly new: readonly Tensor[];
  readonly tolerance: Tolerance;
  /** The old release asked once more: what differs between its own answers is no change. */
  readonly again?: readonly Tensor[];
}

/** Compares two answers output by output. Only what differs comes back: one entry for each output, with its worst element. Pure. */
export function compareAnswers({ old, new: fresh, tolerance, again }: Comparison): readonly OutputDifference[] {
  const names = [...new Set([...old, ...fresh].map(({ name }) => name))];
  return names.flatMap((name) => {
    const [before, after, repeated] = [old, fresh, again ?? []].map((outputs) =>
      outputs.find((output) => output.name === name),
    );
    if (before === undefined) return [{ output: name, old: 'missing', new: describe(after), beyond: false }];
    if (after === undefined) return [{ output: name, old: describe(before), new: 'missing', beyond: true }];
    const form = differentForm(before, after);
    if (form !== undefined) return [{ output: name, ...form, beyond: true }];
    const worst = worstElement({ before, after, repeated, tolerance });
    return worst === undefined ? [] : [worst];
  });
}

const describe = (tensor: Tensor | undefined): string =>
  tensor === undefined ? 'missing' : `${tensor.datatype} [${tensor.shape.join(', ')}]`;

function differentForm(before: Tensor, after: Tensor): { readonly old: string; readonly new: string } | undefined {
  const [old, fresh] = [describe(before), describe(after)];
  if (old !== fresh) return { old, new: fresh };
  if (before.data.length === after.data.length) return undefined;
  return { old: `${before.data.length} elements`, new: `${after.data.length} elements` };
}

interface Elements {
  readonly before: Tensor;
  readonly after: Tensor;
  readonly repeated: Tensor | undefined;
  readonly tolerance: Tolerance;
}

function worstElement({ before, after, repeated, tolerance }: Elements): OutputDifference | undefined {
  let worst: { readonly found: OutputDifference; readonly excess: number } | undefined;
  for (const [index, old] of before.data.entries()) {
    const output = before.data.length === 1 ? before.name : `${before.name}[${index}]`;
    const compared = compareElement(old, after.data[index], { tolerance, again: repeated?.data[index] });
    if (compared !== undefined && (worst === undefined || compared.excess > worst.excess))
      worst = { found: { output, ...compared.found }, excess: compared.excess };
  }
  return worst?.found;
}

/**
 * Two elements that differ, with how far they are beyond what is allowed. JSON has no NaN and no infinity: servers write null or a word. Two of the same are equal, a
 * number that became one of them is not.
 */
function compareElement(old: unknown, fresh: unknown, { tolerance, again }: { tolerance: Tolerance; again: unknown }) {
  if (Object.is(old, fresh)) return undefined;
  const shown = { old: show(old), new: show(fresh) };
  if (!isNumber(old) || !isNumber(fresh)) {
    // What the old release itself answers differently from one request to the next says nothing about the new one.
    const varies = again !== undefined && !Object.is(old, again) && typeof old === typeof fresh;
    return shown.old === shown.new
      ? undefined
      : { found: { ...shown, beyond: !varies }, excess: Number.POSITIVE_INFINITY };
  }
  const difference = Math.abs(fresh - old);
  const spread = isNumber(again) ? Math.abs(again - old) : 0;
  const allowed = tolerance.absolute + tolerance.relative * Math.abs(old) + spread;
  const beyond = difference > allowed;
  return { found: { ...shown, difference, allowed, beyond }, excess: difference - allowed };
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function show(value: unknown): string {
  if (isNumber(value)) return String(Number(value.toPrecision(7)));
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'missing');
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
