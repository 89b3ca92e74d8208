/** Trains one task: split, encode, train, round to what the file holds, measure on rows that training never saw. */
import type { ModelMetrics } from '../../services/kit/model/description.ts';
import { type Sample, train } from './adam.ts';
import { type Encoding, encodeRow, fitEncoding, fitScale, type Scale } from './encode.ts';
import { createNetwork, type Network, predict } from './network.ts';
import { createRandom, shuffled } from './random.ts';
import type { Row, Task } from './task.ts';

const SEED = 20_01;
const HELD_OUT_SHARE = 0.2;
/** Keeps a confident wrong answer from costing infinitely much. */
const SMALLEST_PROBABILITY = 1e-7;

export interface FittedModel {
  readonly encoding: Encoding;
  readonly network: Network;
  readonly metrics: ModelMetrics;
}

export function fitTask(task: Task): FittedModel {
  const random = createRandom(SEED);
  const rows = shuffled(task.rows(), random);
  const heldOutCount = Math.round(rows.length * HELD_OUT_SHARE);
  const heldOut = rows.slice(0, heldOutCount);
  const training = rows.slice(heldOutCount);

  const encoding = fitEncoding(task.features, training);
  const targetScale = task.head === 'identity' ? fitScale(training.map(({ target }) => target[0] ?? 0)) : undefined;
  const columns = training[0]?.target.length ?? 1;
  const network = createNetwork([encoding.width, ...task.hidden, columns], task.head, random);
  train(
    network,
    training.map((row) => toSample(encoding, row, targetScale)),
    { ...task.training, random },
  );
  if (targetScale) foldTargetScale(network, targetScale);
  roundToFloat32(network);

  const metrics: ModelMetrics = {
    error: task.head === 'identity' ? 'root mean square error' : 'log loss',
    model: rounded(measure(task, heldOut, ({ values }) => predict(network, encodeRow(encoding, values)))),
    baseline: rounded(measure(task, heldOut, () => meanTarget(training))),
    trainingRows: training.length,
    heldOutRows: heldOut.length,
  };
  return { encoding, network, metrics };
}

/** The answer of a fitted model, computed in TypeScript: what the ONNX file has to agree with. */
export function predictRow({ encoding, network }: FittedModel, values: readonly number[]): number[] {
  return [...predict(network, encodeRow(encoding, values))];
}

function toSample(encoding: Encoding, { values, target }: Row, scale: Scale | undefined): Sample {
  const standardised = scale ? target.map((value) => (value - scale.mean) / scale.deviation) : target;
  return { row: encodeRow(encoding, values), target: Float64Array.from(standardised) };
}

/** The network learned a standardised target; the last layer takes over turning it back. */
function foldTargetScale({ layers }: Network, { mean, deviation }: Scale): void {
  const last = layers.at(-1);
  if (!last) return;
  for (const [index, weight] of last.weights.entries()) last.weights[index] = weight * deviation;
  for (const [index, bias] of last.bias.entries()) last.bias[index] = bias * deviation + mean;
}

function roundToFloat32({ layers }: Network): void {
  for (const { weights, bias } of layers)
    for (const values of [weights, bias])
      for (const [index, value] of values.entries()) values[index] = Math.fround(value);
}

function meanTarget(rows: readonly Row[]): number[] {
  const columns = rows[0]?.target.length ?? 0;
  return Array.from({ length: columns }, (_, column) => {
    const sum = rows.reduce((total, { target }) => total + (target[column] ?? 0), 0);
    return sum / rows.length;
  });
}

function measure(task: Task, rows: readonly Row[], answer: (row: Row) => ArrayLike<number>): number {
  const losses = rows.map((row) => {
    const answered = answer(row);
    return row.target.reduce((total, wanted, column) => total + loss(task, wanted, answered[column] ?? 0), 0);
  });
  const mean = losses.reduce((total, value) => total + value, 0) / losses.length;
  return task.head === 'identity' ? Math.sqrt(mean) : mean;
}

function loss({ head }: Task, wanted: number, answered: number): number {
  if (head === 'identity') return (wanted - answered) ** 2;
  const likely = -wanted * Math.log(Math.max(answered, SMALLEST_PROBABILITY));
  if (head === 'softmax') return likely;
  return likely - (1 - wanted) * Math.log(Math.max(1 - answered, SMALLEST_PROBABILITY));
}

/** Four significant digits are all that a few hundred held-out rows can tell. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
