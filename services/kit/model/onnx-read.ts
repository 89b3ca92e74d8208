/**
 * Reads what an ONNX file is made of, without loading it: which operators, which weights. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
 */
import type { Result } from '../result.ts';
import { bytesOf, type Fields, numbersOf, readFields, textOf, textsOf } from './protobuf.ts';

export interface GraphNode {
  readonly operator: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly GraphAttribute[];
}

export interface GraphAttribute {
  readonly name: string;
  readonly integer: number;
  readonly float: number;
  /** It holds a graph of its own, as those of loops do. */
  readonly holdsGraph: boolean;
  /** The whole attribute, encoded. */
  readonly encoded: Uint8Array;
}

export interface GraphConstant {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorProto.DataType: 1 is float32, 7 int64. */
  readonly type: number;
  /** Little-endian values; undefined when they are written in another way. */
  readonly raw?: Uint8Array;
}

export interface Graph {
  /** Version of the operator set of ONNX itself. */
  readonly operatorSet: number;
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly GraphConstant[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const EXTERNAL = 1;

/** @returns the graph; an error for bytes that are no ONNX file, and for one whose weights lie in another file */
export function readGraph(onnx: Uint8Array): Result<Graph> {
  try {
    const model = readFields(onnx);
    const [graph] = bytesOf(model, 7);
    if (!graph) return { ok: false, error: 'model.onnx holds no graph' };
    const fields = readFields(graph);
    const nodes = bytesOf(fields, 1).map((bytes) => readNode(readFields(bytes)));
    const tensors = [...bytesOf(fields, 5), ...nodes.flatMap(({ tensors: own }) => own)].map(readFields);
    if (tensors.some((tensor) => numbersOf(tensor, 14).includes(EXTERNAL) || bytesOf(tensor, 13).length > 0))
      return { ok: false, error: 'model.onnx keeps its weights in another file; save it as one file' };
    const constants = bytesOf(fields, 5).map((bytes) => readConstant(readFields(bytes)));
    const nameOf = (bytes: Uint8Array): string => textOf(readFields(bytes), 1);
    return {
      ok: true,
      value: {
        operatorSet: readOperatorSet(model),
        nodes: nodes.map(({ node }) => node),
        constants,
        inputs: bytesOf(fields, 11).map(nameOf),
        outputs: bytesOf(fields, 12).map(nameOf),
      },
    };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, error: `model.onnx is no ONNX file: ${error.message}` };
    throw error;
  }
}

function readOperatorSet(model: Fields): number {
  const sets = bytesOf(model, 8).map(readFields);
  return numbersOf(sets.find((set) => textOf(set, 1) === '') ?? new Map(), 2)[0] ?? 0;
}

function readNode(fields: Fields): { readonly node: GraphNode; readonly tensors: readonly Uint8Array[] } {
  const attributes = bytesOf(fields, 5).map((encoded) => ({ encoded, fields: readFields(encoded) }));
  const node = {
    operator: textOf(fields, 4),
    domain: textOf(fields, 7),
    inputs: textsOf(fields, 1),
    outputs: textsOf(fields, 2),
    attributes: attributes.map(({ encoded, fields: own }) => ({
      name: textOf(own, 1),
      integer: numbersOf(own, 3)[0] ?? 0,
      float: readFloat(bytesOf(own, 2)[0]),
      holdsGraph: bytesOf(own, 6).length > 0 || bytesOf(own, 11).length > 0,
      encoded,
    })),
  };
  return { node, tensors: attributes.flatMap(({ fields: own }) => bytesOf(own, 5)) };
}

const readFloat = (bytes: Uint8Array | undefined): number =>
  bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readFloatLE() : 0;

function readConstant(fields: Fields): GraphConstant {
  const [raw] = bytesOf(fields, 9);
  return {
    name: textOf(fields, 8),
    shape: numbersOf(fields, 1),
    type: numbersOf(fields, 2)[0] ?? 0,
    ...(raw && { raw }),
  };
}
