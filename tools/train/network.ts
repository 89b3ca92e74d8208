/** A small multi-layer perceptron: ReLU between the layers, and a head that fits the task. */
import type { Random } from './random.ts';

export const HEADS = ['identity', 'sigmoid', 'softmax'] as const;
export type Head = (typeof HEADS)[number];

/** y = x W + b with W stored row by row: `weights[input * outputs + output]`. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

export interface Network {
  readonly layers: readonly Layer[];
  readonly head: Head;
}

/** @param sizes columns in, hidden sizes, columns out */
export function createNetwork(sizes: readonly number[], head: Head, random: Random): Network {
  const layers: Layer[] = [];
  for (let index = 0; index + 1 < sizes.length; index++) {
    const inputs = sizes[index] ?? 0;
    const outputs = sizes[index + 1] ?? 0;
    // He's initialisation with a uniform distribution: keeps the variance through ReLU layers.
    const bound = Math.sqrt(6 / inputs);
    const weights = Float64Array.from({ length: inputs * outputs }, () => (random() * 2 - 1) * bound);
    layers.push({ inputs, outputs, weights, bias: new Float64Array(outputs) });
  }
  return { layers, head };
}

/** What every layer answers for one row; the last entry is the prediction. */
export function activations({ layers, head }: Network, row: Float64Array): Float64Array[] {
  const all: Float64Array[] = [row];
  let current = row;
  for (const [index, layer] of layers.entries()) {
    current = dense(layer, current);
    if (index + 1 < layers.length) for (const [unit, value] of current.entries()) current[unit] = Math.max(0, value);
    else applyHead(head, current);
    all.push(current);
  }
  return all;
}

export function predict(network: Network, row: Float64Array): Float64Array {
  return activations(network, row).at(-1) ?? row;
}

function dense({ inputs, outputs, weights, bias }: Layer, row: Float64Array): Float64Array {
  const answer = Float64Array.from(bias);
  for (let input = 0; input < inputs; input++) {
    const value = row[input] as number;
    if (value === 0) continue;
    for (let output = 0; output < outputs; output++)
      answer[output] = (answer[output] as number) + value * (weights[input * outputs + output] as number);
  }
  return answer;
}

function applyHead(head: Head, values: Float64Array): void {
  if (head === 'identity') return;
  if (head === 'sigmoid') {
    for (const [unit, value] of values.entries()) values[unit] = 1 / (1 + Math.exp(-value));
    return;
  }
  const highest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  for (const [unit, power] of powers.entries()) values[unit] = power / sum;
}
