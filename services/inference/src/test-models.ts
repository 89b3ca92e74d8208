/** Models made up for tests and benchmarks: dense networks of any size, and models that misbehave. */
import { encodeModel, graphAttribute, type OnnxNode } from '../../kit/model/onnx-write.ts';

export interface MadeModel {
  readonly json: string;
  readonly onnx: Buffer;
}

export interface DenseOptions {
  readonly name: string;
  readonly version?: string;
  readonly tenant?: string;
  /** Columns of the input, of each hidden layer, and of the output. */
  readonly sizes: readonly number[];
  readonly seed: number;
}

/** Layers of 34 KB, 1 MB and 10 MB, as in ../../../shared/notes/inference.md. */
export const SIZES = {
  '34 KB': [100, 64, 32, 1],
  '1 MB': [100, 400, 500, 30, 1],
  '10 MB': [100, 1200, 1600, 350, 1],
} as const;

/** Weights between -1 and 1, shrunk with the width of the layer; equal seeds give equal weights. */
export function createWeights(length: number, width: number, seed: number): Float32Array {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  const weights = new Float32Array(length);
  const scale = 2 / Math.sqrt(width);
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    weights[index] = (state / 2 ** 32 - 0.5) * scale;
  }
  return weights;
}

export function denseModel({ name, version = '1', tenant, sizes, seed }: DenseOptions): MadeModel {
  const [columns = 1] = sizes;
  const outputs = sizes.at(-1) ?? 1;
  const nodes: OnnxNode[] = [];
  const constants = sizes.slice(1).flatMap((width, layer) => {
    const before = sizes[layer] ?? 1;
    return [
      { name: `W${layer}`, shape: [before, width], values: createWeights(before * width, before, seed * 31 + layer) },
      { name: `b${layer}`, shape: [width], values: createWeights(width, 100, seed * 37 + layer) },
    ];
  });
  const layers = sizes.length - 1;
  for (let layer = 0; layer < layers; layer++) {
    const last = layer === layers - 1;
    const input = layer === 0 ? 'x' : `r${layer - 1}`;
    nodes.push({ operator: 'Gemm', inputs: [input, `W${layer}`, `b${layer}`], output: last ? 'y' : `g${layer}` });
    if (!last) nodes.push({ operator: 'Relu', inputs: [`g${layer}`], output: `r${layer}` });
  }
  const onnx = encodeModel({
    name: 'dense',
    inputs: [{ name: 'x', shape: ['rows', columns] }],
    outputs: [{ name: 'y', shape: ['rows', outputs] }],
    constants,
    nodes,
  });
  return { onnx, json: describe({ name, version, ...(tenant && { tenant }) }, columns, outputs) };
}

function describe(fields: Readonly<Record<string, unknown>>, columns: number, outputs: number): string {
  return JSON.stringify({
    ...fields,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, columns] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, outputs] }],
  });
}

/** The keys and bytes of models in a bucket. */
export function inBucket(models: readonly MadeModel[], prefix = ''): [string, Uint8Array][] {
  return models.flatMap(({ json, onnx }) => {
    const { name, version, tenant } = JSON.parse(json) as { name: string; version: string; tenant?: string };
    const folder = `${prefix}${tenant === undefined ? '' : `tenants/${tenant}/`}${name}/${version}/`;
    return [
      [`${folder}model.onnx`, onnx],
      [`${folder}model.json`, Buffer.from(json)],
    ] as [string, Uint8Array][];
  });
}

type Fields = { readonly name: string; readonly version?: string; readonly tenant?: string };

/** Counts in a loop as often as the first input says; with 0 it is at once at its end. */
export const loopingModel = (fields: Fields): MadeModel =>
  countedModel(fields, [
    {
      operator: 'Loop',
      inputs: ['count', '', 'zero'],
      output: 'counted',
      encodedAttributes: [
        graphAttribute('body', {
          name: 'body',
          inputs: [
            { name: 'iteration', datatype: 'INT64', shape: [] },
            { name: 'going', datatype: 'BOOL', shape: [] },
            { name: 'before', shape: [1] },
          ],
          outputs: [
            { name: 'on', datatype: 'BOOL', shape: [] },
            { name: 'after', shape: [1] },
          ],
          constants: [{ name: 'one', shape: [1], values: Float32Array.of(1) }],
          nodes: [
            { operator: 'Identity', inputs: ['going'], output: 'on' },
            { operator: 'Add', inputs: ['before', 'one'], output: 'after' },
          ],
        }),
      ],
    },
  ]);

/** Takes memory for as many numbers as the first input says. */
export const hungryModel = (fields: Fields): MadeModel =>
  countedModel(fields, [
    { operator: 'ConstantOfShape', inputs: ['counts'], output: 'numbers' },
    { operator: 'ReduceSum', inputs: ['numbers'], output: 'counted', attributes: { keepdims: 0 } },
  ]);

/** @param nodes from `count` (a number) and `counts` (a list of one) to `counted` */
function countedModel({ version = '1', ...fields }: Fields, nodes: readonly OnnxNode[]): MadeModel {
  const onnx = encodeModel({
    name: 'counted',
    inputs: [{ name: 'x', shape: ['rows', 1] }],
    outputs: [{ name: 'y', shape: ['rows', 1] }],
    constants: [
      { name: 'zero', shape: [1], values: Float32Array.of(0) },
      { name: 'single', shape: [1], values: BigInt64Array.of(1n) },
    ],
    nodes: [
      { operator: 'ReduceMax', inputs: ['x'], output: 'largest', attributes: { keepdims: 0 } },
      { operator: 'Cast', inputs: ['largest'], output: 'count', attributes: { to: 7 } },
      { operator: 'Reshape', inputs: ['count', 'single'], output: 'counts' },
      ...nodes,
      { operator: 'Add', inputs: ['x', 'counted'], output: 'y' },
    ],
  });
  return { onnx, json: describe({ ...fields, version }, 1, 1) };
}
