/**
 * The seam to ONNX Runtime. Its public `run` waits for another turn of the event loop and then computes on the calling thread all the same;
 * for a batch of small requests that turn costs more than the computation. The binding below it computes at once. It is no promised API, so
 * package.json pins its version exactly, and the tests of this folder would notice.
 */
import './quiet.ts';

import { Tensor } from 'onnxruntime-node';
import { type Binding, binding, initOrt } from 'onnxruntime-node/dist/binding.js';

export type OnnxTensors = Record<string, Tensor>;

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** As ONNX Runtime names it: `float32`. Absent for what is no tensor, and for types that cannot be served. */
  readonly type: string | undefined;
  /** A name, or nothing, where any size will do. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxSession {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /**
   * Computes on the calling thread, and every output.
   * @throws when the model refuses the inputs
   */
  run(feeds: OnnxTensors): OnnxTensors;
  release(): void;
}

/**
 * One thread: for models below a megabyte a second one costs more than it gives. Level 3: only errors; ONNX Runtime's warnings are about how
 * somebody else wrote a file.
 */
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;

/** By their numbers in a file: `TensorProto.DataType` of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const TYPES: readonly (string | undefined)[] = [
  undefined,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
];

/**
 * Loads a model on the calling thread.
 * @throws when the file is no model, or one that this version does not know how to compute
 */
export function openSession(onnx: Uint8Array): OnnxSession {
  initOrt();
  const session = new binding.InferenceSession();
  session.loadModel(onnx.buffer as ArrayBuffer, onnx.byteOffset, onnx.byteLength, OPTIONS);
  const outputs = session.outputMetadata.map(toValue);
  const fetches = Object.fromEntries(outputs.map(({ name }) => [name, null]));
  return {
    inputs: session.inputMetadata.map(toValue),
    outputs,
    run: (feeds) => session.run(feeds, fetches, {}) as OnnxTensors,
    release: () => session.dispose(),
  };
}

/** @param type as ONNX Runtime names it; the data has to be of it */
export function createTensor(type: string, data: unknown, shape: readonly number[]): Tensor {
  const tensor = new Tensor(type as 'float32', data as Float32Array, shape);
  // ONNX Runtime's own half of Node finds no bytes in a Float16Array: it reads them as whole numbers.
  if (data instanceof Float16Array) Object.defineProperty(tensor, 'data', { value: bitsOf(data) });
  return tensor;
}

const bitsOf = ({ buffer, byteOffset, length }: Float16Array): Uint16Array =>
  new Uint16Array(buffer, byteOffset, length);

function toValue({ name, isTensor, type, shape, symbolicDimensions }: Binding.ValueMetadata): OnnxValue {
  if (!isTensor) return { name, type: undefined, shape: [] };
  return {
    name,
    type: TYPES[type],
    shape: shape.map((size, at) => (size < 0 ? (symbolicDimensions[at] ?? '') : size)),
  };
}
