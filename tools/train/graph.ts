/** From a trained network to the ONNX graph that answers the same. */

import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../services/kit/model/onnx-write.ts';
import type { Encoding } from './encode.ts';
import type { Head, Network } from './network.ts';

const FLOAT = 1;
const HEAD_OPERATORS: Readonly<Record<Head, string | undefined>> = {
  identity: undefined,
  sigmoid: 'Sigmoid',
  softmax: 'Softmax',
};

export interface GraphRequest {
  readonly name: string;
  readonly encoding: Encoding;
  readonly network: Network;
  readonly input: { readonly name: string; readonly columns: number };
  readonly output: { readonly name: string; readonly columns: number };
}

interface Part {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly output: string;
}

export function buildGraph({ name, encoding, network, input, output }: GraphRequest): OnnxGraph {
  const encoded = encodingPart(encoding, input.name);
  const answered = networkPart(network, encoded.output, output.name);
  return {
    name,
    inputs: [{ name: input.name, shape: ['rows', input.columns] }],
    outputs: [{ name: output.name, shape: ['rows', output.columns] }],
    constants: [...encoded.constants, ...answered.constants],
    nodes: [...encoded.nodes, ...answered.nodes],
  };
}

function encodingPart({ numbers, choices }: Encoding, input: string): Part {
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const columns: string[] = [];
  const gather = (output: string, features: readonly number[]) => {
    constants.push({ name: `${output}_at`, shape: [features.length], values: BigInt64Array.from(features, BigInt) });
    nodes.push({ operator: 'Gather', inputs: [input, `${output}_at`], output, attributes: { axis: 1 } });
  };

  if (numbers.length > 0) {
    gather(
      'numbers',
      numbers.map(({ feature }) => feature),
    );
    constants.push(
      floats(
        'mean',
        [1, numbers.length],
        numbers.map(({ mean }) => mean),
      ),
    );
    constants.push(
      floats(
        'deviation',
        [1, numbers.length],
        numbers.map(({ deviation }) => deviation),
      ),
    );
    nodes.push({ operator: 'Sub', inputs: ['numbers', 'mean'], output: 'centred' });
    nodes.push({ operator: 'Div', inputs: ['centred', 'deviation'], output: 'standardised' });
    columns.push('standardised');
  }
  for (const { feature, values } of choices) {
    const choice = `choice_${feature}`;
    gather(choice, [feature]);
    constants.push(floats(`${choice}_values`, [1, values.length], values));
    nodes.push({ operator: 'Equal', inputs: [choice, `${choice}_values`], output: `${choice}_equal` });
    nodes.push({
      operator: 'Cast',
      inputs: [`${choice}_equal`],
      output: `${choice}_onehot`,
      attributes: { to: FLOAT },
    });
    columns.push(`${choice}_onehot`);
  }
  nodes.push({ operator: 'Concat', inputs: columns, output: 'encoded', attributes: { axis: 1 } });
  return { nodes, constants, output: 'encoded' };
}

function networkPart({ layers, head }: Network, input: string, output: string): Part {
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const headOperator = HEAD_OPERATORS[head];
  let current = input;
  for (const [index, layer] of layers.entries()) {
    constants.push(floats(`weights_${index}`, [layer.inputs, layer.outputs], layer.weights));
    constants.push(floats(`bias_${index}`, [layer.outputs], layer.bias));
    const last = index + 1 === layers.length;
    const dense = last && !headOperator ? output : `dense_${index}`;
    nodes.push({ operator: 'Gemm', inputs: [current, `weights_${index}`, `bias_${index}`], output: dense });
    if (!last) nodes.push({ operator: 'Relu', inputs: [dense], output: `hidden_${index}` });
    current = last ? dense : `hidden_${index}`;
  }
  if (headOperator)
    nodes.push({
      operator: headOperator,
      inputs: [current],
      output,
      ...(head === 'softmax' && { attributes: { axis: 1 } }),
    });
  return { nodes, constants, output };
}

function floats(name: string, shape: readonly number[], values: Iterable<number>): OnnxTensor {
  return { name, shape, values: Float32Array.from(values) };
}
