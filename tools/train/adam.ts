/** Trains a network in place with mini-batches and the Adam update (Kingma and Ba, 2015, algorithm 1). */
import { activations, type Layer, type Network } from './network.ts';
import { type Random, shuffled } from './random.ts';

export interface Sample {
  readonly row: Float64Array;
  /** Standardised value, 0 or 1, or one-hot: as wide as the network's answer. */
  readonly target: Float64Array;
}

export interface TrainingOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Decoupled weight decay per step, against overfitting. */
  readonly weightDecay: number;
  readonly random: Random;
}

interface Parameter {
  readonly values: Float64Array;
  readonly gradient: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

const MEAN_DECAY = 0.9;
const VARIANCE_DECAY = 0.999;
const EPSILON = 1e-8;

export function train(network: Network, samples: readonly Sample[], options: TrainingOptions): void {
  const parameters = network.layers.map((layer) => ({ weights: track(layer.weights), bias: track(layer.bias) }));
  const correction = { mean: 1, variance: 1 };
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = shuffled(samples, options.random);
    // The learning rate falls in a straight line, so that the last steps settle instead of jumping around.
    const rate = options.learningRate * (1 - epoch / options.epochs);
    for (let start = 0; start < order.length; start += options.batchSize) {
      const batch = order.slice(start, start + options.batchSize);
      for (const sample of batch) accumulate(network, parameters, sample);
      correction.mean *= MEAN_DECAY;
      correction.variance *= VARIANCE_DECAY;
      for (const { weights, bias } of parameters) {
        step(weights, { rate, batchSize: batch.length, decay: options.weightDecay, correction });
        step(bias, { rate, batchSize: batch.length, decay: 0, correction });
      }
    }
  }
}

function track(values: Float64Array): Parameter {
  const zeros = () => new Float64Array(values.length);
  return { values, gradient: zeros(), mean: zeros(), variance: zeros() };
}

/** Adds one sample's gradient. For all three heads with their natural loss the error at the last layer is answer - target. */
function accumulate(
  network: Network,
  parameters: readonly { readonly weights: Parameter; readonly bias: Parameter }[],
  { row, target }: Sample,
): void {
  const values = activations(network, row);
  let error: Float64Array = (values.at(-1) as Float64Array).map((answer, unit) => answer - (target[unit] as number));
  for (let index = network.layers.length - 1; index >= 0; index--) {
    const layer = network.layers[index] as Layer;
    const input = values[index] as Float64Array;
    const { weights, bias } = parameters[index] as { weights: Parameter; bias: Parameter };
    for (const [unit, value] of error.entries()) bias.gradient[unit] = (bias.gradient[unit] as number) + value;
    error = propagate(layer, { input, error, gradient: weights.gradient });
  }
}

/** Adds the layer's weight gradient and returns the error at its input, which is zero where ReLU was. */
function propagate(
  { inputs, outputs, weights }: Layer,
  { input, error, gradient }: { input: Float64Array; error: Float64Array; gradient: Float64Array },
): Float64Array {
  const before = new Float64Array(inputs);
  for (let from = 0; from < inputs; from++) {
    const value = input[from] as number;
    if (value === 0) continue;
    let sum = 0;
    for (let to = 0; to < outputs; to++) {
      const at = from * outputs + to;
      gradient[at] = (gradient[at] as number) + value * (error[to] as number);
      sum += (weights[at] as number) * (error[to] as number);
    }
    before[from] = sum;
  }
  return before;
}

interface Step {
  readonly rate: number;
  readonly batchSize: number;
  readonly decay: number;
  readonly correction: { readonly mean: number; readonly variance: number };
}

function step({ values, gradient, mean, variance }: Parameter, { rate, batchSize, decay, correction }: Step): void {
  for (let index = 0; index < values.length; index++) {
    const slope = (gradient[index] as number) / batchSize;
    gradient[index] = 0;
    const average = MEAN_DECAY * (mean[index] as number) + (1 - MEAN_DECAY) * slope;
    const square = VARIANCE_DECAY * (variance[index] as number) + (1 - VARIANCE_DECAY) * slope * slope;
    mean[index] = average;
    variance[index] = square;
    const scaled = average / (1 - correction.mean) / (Math.sqrt(square / (1 - correction.variance)) + EPSILON);
    const value = values[index] as number;
    values[index] = value - rate * (scaled + decay * value);
  }
}
