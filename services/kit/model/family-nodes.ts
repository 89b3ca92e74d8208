/** How each operator of a model becomes one that works for many members at once, a member per row. */
import { type FamilyWeight, MEMBER, readIntegers } from './family-weights.ts';
import type { GraphConstant, GraphNode } from './onnx-read.ts';
import type { OnnxNode, OnnxTensor } from './onnx-write.ts';

interface MemberNode {
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly FamilyWeight[];
  /** What is the same for all members. */
  readonly shared: readonly OnnxTensor[];
}

export interface NodeRequest {
  readonly node: GraphNode;
  readonly index: number;
  readonly constants: ReadonlyMap<string, GraphConstant>;
}

/** They look at one number, or at one row, at a time. */
const ROW_BY_ROW = new Set(
  'Abs Cast Elu Erf Exp Identity LeakyRelu Log Neg Reciprocal Relu Selu Sigmoid Sign Softplus Sqrt Tanh'.split(' '),
);
const PAIRWISE = new Set('Add Sub Mul Div Equal Greater Less Max Min Pow'.split(' '));
const ALONG_COLUMNS = new Set('Softmax LogSoftmax Concat'.split(' '));

const NOTHING = { weights: [], shared: [] } as const;
const AXIS: OnnxTensor = { name: 'slipway_axis', shape: [1], values: BigInt64Array.of(1n) };

/** Undefined for what is not known to work. */
export function memberNode(request: NodeRequest): MemberNode | undefined {
  const { node, constants } = request;
  const { operator, domain, outputs } = node;
  if (domain !== '' || outputs.length !== 1) return undefined;
  const constant = node.inputs.map((name) => constants.has(name));
  if (ROW_BY_ROW.has(operator)) return constant[0] ? undefined : same(node);
  if (ALONG_COLUMNS.has(operator)) return constant.includes(true) || !alongColumns(node) ? undefined : same(node);
  if (PAIRWISE.has(operator)) return pairwise(request);
  if (operator === 'Gather') return gather(request);
  if (operator === 'Gemm' || operator === 'MatMul') return multiply(request);
  return undefined;
}

function same({ operator, inputs, outputs, attributes }: GraphNode): MemberNode {
  const encodedAttributes = attributes.map(({ encoded }) => encoded);
  return { ...NOTHING, nodes: [{ operator, inputs, output: outputs[0] as string, encodedAttributes }] };
}

/** The last of two axes is the second; without a word of it, `Softmax` takes the last and `Concat` has to have one. */
function alongColumns({ attributes }: GraphNode): boolean {
  const axis = attributes.find(({ name }) => name === 'axis');
  return axis === undefined || axis.integer === 1 || axis.integer > 2 ** 32;
}

/** A constant of one row becomes a row per request. */
function pairwise({ node, index, constants }: NodeRequest): MemberNode | undefined {
  const weights: FamilyWeight[] = [];
  const nodes: OnnxNode[] = [];
  const inputs: string[] = [];
  for (const [position, name] of node.inputs.entries()) {
    const constant = constants.get(name);
    if (!constant) {
      inputs.push(name);
      continue;
    }
    const length = constant.shape.reduce((total, size) => total * size, 1);
    if (constant.type !== 1 || constant.shape.slice(0, -1).some((size) => size !== 1)) return undefined;
    const own = `slipway_${index}_${position}`;
    weights.push({ name, shape: [length], length });
    nodes.push({ operator: 'Gather', inputs: [name, MEMBER], output: own, attributes: { axis: 0 } });
    inputs.push(own);
  }
  if (weights.length === node.inputs.length) return undefined;
  const [changed] = same({ ...node, inputs }).nodes;
  return { nodes: [...nodes, changed as OnnxNode], weights, shared: [] };
}

/** Choosing columns is the same for all members, or they are not of one family. */
function gather({ node, constants }: NodeRequest): MemberNode | undefined {
  const [data = '', indices = ''] = node.inputs;
  const constant = constants.get(indices);
  const values = readIntegers(constant);
  if (!constant || !values || constant.shape.length !== 1 || constants.has(data)) return undefined;
  if (node.attributes.find(({ name }) => name === 'axis')?.integer !== 1) return undefined;
  return { ...same(node), shared: [{ name: indices, shape: constant.shape, values }] };
}

/** `[rows, a] x [a, b]` becomes, with a matrix per row, `[rows, 1, a] x [rows, a, b]`. */
function multiply({ node, index, constants }: NodeRequest): MemberNode | undefined {
  const [data = '', matrix = '', bias] = node.inputs;
  const weight = constants.get(matrix);
  if (weight?.type !== 1 || weight.shape.length !== 2 || constants.has(data) || !isPlain(node)) return undefined;
  const [inner = 0, outer = 0] = weight.shape;
  const local = (part: string): string => `slipway_${index}_${part}`;
  const output = node.outputs[0] as string;
  const product = bias === undefined ? output : local('product');
  const nodes: OnnxNode[] = [
    { operator: 'Gather', inputs: [matrix, MEMBER], output: local('matrix'), attributes: { axis: 0 } },
    { operator: 'Unsqueeze', inputs: [data, AXIS.name], output: local('row') },
    { operator: 'MatMul', inputs: [local('row'), local('matrix')], output: local('products') },
    { operator: 'Squeeze', inputs: [local('products'), AXIS.name], output: product },
  ];
  const weights: FamilyWeight[] = [{ name: matrix, shape: [inner, outer], length: inner * outer }];
  if (bias !== undefined) {
    const added = constants.get(bias);
    if (added?.type !== 1 || added.shape.at(-1) !== outer || added.shape.length > 2) return undefined;
    weights.push({ name: bias, shape: [outer], length: outer });
    nodes.push(
      { operator: 'Gather', inputs: [bias, MEMBER], output: local('bias'), attributes: { axis: 0 } },
      { operator: 'Add', inputs: [product, local('bias')], output },
    );
  }
  return { nodes, weights, shared: [AXIS] };
}

/** Without transposition and factors: what exporters write for a dense layer, give or take `transB`. */
function isPlain({ attributes }: GraphNode): boolean {
  return attributes.every(({ name, integer, float }) =>
    name === 'transA' || name === 'transB' ? integer === 0 : (name !== 'alpha' && name !== 'beta') || float === 1,
  );
}
