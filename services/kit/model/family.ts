/**
 * Models that differ only in their numbers are a family: one graph whose weights come in at run time, a row of them per member. So
 * requests for different members are answered by one run, and a member is loaded by copying its weights.
 */
import { createHash } from 'node:crypto';
import { toBytes } from './datatypes.ts';
import type { ModelDescription } from './description.ts';
import { memberNode } from './family-nodes.ts';
import { type FamilyWeight, floatBytes, MEMBER } from './family-weights.ts';
import type { Graph } from './onnx-read.ts';
import { encodeModel, type OnnxNode, type OnnxTensor } from './onnx-write.ts';

export interface Family {
  /** Equal for models that differ only in their weights. */
  readonly key: string;
  readonly weights: readonly FamilyWeight[];
  /** The bytes of the graph that serves all of them. */
  encode(): Buffer;
}

export interface FamilyMember {
  readonly family: Family;
  /** This model's numbers, in the order of the family's weights: float32, as they lie in its file. */
  readonly values: readonly Uint8Array[];
}

/** `Squeeze` and `Unsqueeze` take their axes as an input since 13. */
const OPERATOR_SETS = { from: 13, to: 21 } as const;

/** Undefined when this model cannot be one of a family: it uses an operator that is not known to work row by row, or further inputs. */
export function readFamily(graph: Graph, { inputs, outputs }: ModelDescription): FamilyMember | undefined {
  const [input, ...others] = inputs;
  const plain = [...inputs, ...outputs].every(({ datatype, shape }) => datatype === 'FP32' && shape.length === 2);
  if (!input || others.length > 0 || !plain || !graph.inputs.includes(input.name)) return undefined;
  if (graph.operatorSet < OPERATOR_SETS.from || graph.operatorSet > OPERATOR_SETS.to) return undefined;
  const constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
  const parts = {
    nodes: [] as OnnxNode[],
    weights: new Map<string, FamilyWeight>(),
    shared: new Map<string, OnnxTensor>(),
  };
  for (const [index, node] of graph.nodes.entries()) {
    const rewritten = memberNode({ node, index, constants });
    if (!rewritten) return undefined;
    parts.nodes.push(...rewritten.nodes);
    for (const weight of rewritten.weights) parts.weights.set(weight.name, weight);
    for (const constant of rewritten.shared) parts.shared.set(constant.name, constant);
  }
  const weights = [...parts.weights.values()];
  const values = weights.flatMap(({ name, length }) => floatBytes(constants.get(name), length) ?? []);
  if (weights.length === 0 || values.length !== weights.length) return undefined;
  const shared = [...parts.shared.values()];
  const encode = () =>
    encodeModel({
      name: 'family',
      operatorSet: graph.operatorSet,
      inputs: [
        { name: input.name, shape: ['rows', input.shape[1] ?? 0] },
        { name: MEMBER, datatype: 'INT64', shape: ['rows'] },
        ...weights.map(({ name, shape }) => ({ name, shape: ['members', ...shape] })),
      ],
      outputs: outputs.map(({ name, shape }) => ({ name, shape: ['rows', shape[1] ?? 0] })),
      constants: shared,
      nodes: parts.nodes,
    });
  const key = keyOf({ graph, weights, shared, ends: [input, ...outputs].map(({ name, shape }) => [name, shape[1]]) });
  return { family: { key, weights, encode }, values };
}

interface Architecture {
  readonly graph: Graph;
  readonly weights: readonly FamilyWeight[];
  readonly shared: readonly OnnxTensor[];
  readonly ends: readonly unknown[];
}

/** Of everything that the family's graph follows from: to encode that for each member would cost more than all the rest of reading it. */
function keyOf({ graph, weights, shared, ends }: Architecture): string {
  const bytes: Uint8Array[] = [];
  const nodes = graph.nodes.map(({ operator, inputs, outputs, attributes }) => {
    bytes.push(...attributes.map(({ encoded }) => encoded));
    return [operator, inputs, outputs, attributes.map(({ encoded }) => encoded.length)];
  });
  for (const { values } of shared) bytes.push(toBytes(values));
  const shapes = [weights, shared].map((tensors) => tensors.map(({ name, shape }) => [name, shape]));
  const hash = createHash('sha256').update(JSON.stringify([graph.operatorSet, ends, nodes, shapes]));
  for (const one of bytes) hash.update(one);
  return hash.digest('hex');
}
