import type { Model } from '../../kit/model/session.ts';

export interface Score {
  readonly species: string;
  /** Per species; they add up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** @throws when the model is no classifier with labels, which is a mistake in the image */
export async function score({ description, run }: Model, measurements: readonly number[]): Promise<Score> {
  const [input] = description.inputs;
  const [output] = description.outputs;
  if (!input || !output?.labels) throw new Error(`${description.name} names no classes`);
  const data = Float32Array.from(measurements);
  const outputs = await run({ [input.name]: { datatype: input.datatype, shape: [1, data.length], data } });
  const values = Array.from(outputs[output.name]?.data ?? [], Number);
  const ranked = output.labels.map((label, at) => ({ label, probability: round(values[at]) }));
  const best = ranked.reduce((first, second) => (second.probability > first.probability ? second : first));
  return {
    species: best.label,
    probabilities: Object.fromEntries(ranked.map(({ label, probability }) => [label, probability])),
  };
}

function round(value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value)) throw new Error(`the model answered ${value}`);
  return Math.round(value * 1e4) / 1e4;
}
