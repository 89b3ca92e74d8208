/** From the values that people enter to the columns that a network sees: numbers standardised, choices one-hot. */
import type { Feature } from '../../services/kit/model/description.ts';
import type { Row } from './task.ts';

export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

export interface Encoding {
  readonly numbers: readonly (Scale & { readonly feature: number })[];
  readonly choices: readonly { readonly feature: number; readonly values: readonly number[] }[];
  readonly width: number;
}

/** Learns the encoding from the training rows only, so that nothing leaks from the held-out ones. */
export function fitEncoding(features: readonly Feature[], rows: readonly Row[]): Encoding {
  const numbers = features.flatMap(({ kind }, feature) =>
    kind === 'number' ? [{ feature, ...fitScale(rows.map(({ values }) => values[feature] ?? 0)) }] : [],
  );
  const choices = features.flatMap((feature, index) =>
    feature.kind === 'choice' ? [{ feature: index, values: feature.choices.map(({ value }) => value) }] : [],
  );
  const width = numbers.length + choices.reduce((total, { values }) => total + values.length, 0);
  return { numbers, choices, width };
}

export function encodeRow({ numbers, choices }: Encoding, values: readonly number[]): Float64Array {
  return Float64Array.from([
    ...numbers.map(({ feature, mean, deviation }) => ((values[feature] ?? 0) - mean) / deviation),
    ...choices.flatMap((choice) => choice.values.map((value) => (values[choice.feature] === value ? 1 : 0))),
  ]);
}

/** Rounded to float32, because that is how the exported graph holds it. */
export function fitScale(values: readonly number[]): Scale {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  return { mean: Math.fround(mean), deviation: Math.fround(Math.sqrt(variance)) || 1 };
}
