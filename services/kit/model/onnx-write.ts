/**
 * Writes ONNX files: the few protobuf messages of onnx.proto3 that a feed-forward graph needs. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
 */

import type { Datatype } from './datatypes.ts';

const FLOAT = 1;
const INT64 = 7;
const VARINT = 0;
const BYTES = 2;
const ATTRIBUTE_INT = 2;
/** ONNX intermediate representation 8 with operator set 17: what onnxruntime has read since 1.12. */
const IR_VERSION = 8;
const OPERATOR_SET = 17;

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number>>;
  /** Further attributes as another file has them. */
  readonly encodedAttributes?: readonly Uint8Array[];
}

/** TensorProto.DataType of the element types that services accept. */
const ELEMENT_TYPES: Readonly<Record<Datatype, number>> = {
  FP32: FLOAT,
  FP64: 11,
  FP16: 10,
  INT64,
  INT32: 6,
  INT16: 5,
  INT8: 3,
  UINT64: 13,
  UINT32: 12,
  UINT16: 4,
  UINT8: 2,
  BOOL: 9,
  BYTES: 8,
};

/** An input or output of the graph; a string in the shape is a size that varies. */
export interface OnnxValue {
  readonly name: string;
  /** FP32 unless said otherwise. */
  readonly datatype?: Datatype;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxTensor[];
  /** Version of ONNX's operators; 17 unless said otherwise. */
  readonly operatorSet?: number;
  readonly nodes: readonly OnnxNode[];
}

/** The bytes of a `model.onnx`; equal graphs give equal bytes. */
export function encodeModel(graph: OnnxGraph): Buffer {
  const operatorSet = Buffer.concat([text(1, ''), integer(2, graph.operatorSet ?? OPERATOR_SET)]);
  return Buffer.concat([
    integer(1, IR_VERSION),
    text(2, 'slipway'),
    message(7, encodeGraph(graph)),
    message(8, operatorSet),
  ]);
}

const ATTRIBUTE_GRAPH = 5;

/** An attribute that holds a graph, for `encodedAttributes`: the body of a loop. */
export function graphAttribute(name: string, graph: OnnxGraph): Buffer {
  return Buffer.concat([text(1, name), message(6, encodeGraph(graph)), integer(20, ATTRIBUTE_GRAPH)]);
}

function encodeGraph(graph: OnnxGraph): Buffer {
  return Buffer.concat([
    ...graph.nodes.map((node) => message(1, encodeNode(node))),
    text(2, graph.name),
    ...graph.constants.map((tensor) => message(5, encodeTensor(tensor))),
    ...graph.inputs.map((value) => message(11, encodeValue(value))),
    ...graph.outputs.map((value) => message(12, encodeValue(value))),
  ]);
}

function encodeNode(node: OnnxNode): Buffer {
  return Buffer.concat([
    ...node.inputs.map((input) => text(1, input)),
    text(2, node.output),
    text(3, node.output),
    text(4, node.operator),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
      message(5, Buffer.concat([text(1, name), integer(3, value), integer(20, ATTRIBUTE_INT)])),
    ),
    ...(node.encodedAttributes ?? []).map((attribute) => message(5, Buffer.from(attribute))),
  ]);
}

function encodeTensor({ name, shape, values }: OnnxTensor): Buffer {
  return Buffer.concat([
    ...shape.map((size) => integer(1, size)),
    integer(2, values instanceof Float32Array ? FLOAT : INT64),
    text(8, name),
    message(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  ]);
}

function encodeValue({ name, shape, datatype = 'FP32' }: OnnxValue): Buffer {
  const sizes = shape.map((size) => message(1, typeof size === 'string' ? text(2, size) : integer(1, size)));
  const tensorType = Buffer.concat([integer(1, ELEMENT_TYPES[datatype]), message(2, Buffer.concat(sizes))]);
  return Buffer.concat([text(1, name), message(2, message(1, tensorType))]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint((field << 3) | VARINT), varint(value)]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value, 'utf8'));
}

function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | BYTES), varint(bytes.length), bytes]);
}

/** Base 128, least significant group first; only whole numbers from 0 up occur here. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
