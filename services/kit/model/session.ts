/** The seam to ONNX Runtime. */
import './quiet.ts';

import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Result } from '../result.ts';
import { createNumbers, type Datatype, ONNX_TYPES, type TensorData } from './datatypes.ts';
import type { ModelDescription } from './description.ts';
import type { ModelFiles } from './store.ts';

export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** By name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A model that is ready to answer. */
export interface Model {
  readonly description: ModelDescription;
  /** Milliseconds that loading it and its first answer took. */
  readonly startTimes: { readonly load: number; readonly firstRun: number };
  /** @param inputs one tensor per input of the description, all with the same number of rows */
  run(inputs: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** Of ONNX Runtime's five levels; its warnings are about how somebody else wrote a file. */
const ERRORS = 3;

/**
 * Loads a model and answers one row with it, so that the first request does not pay for lazy initialisation.
 * ONNX Runtime does both on the calling thread: a few hundred microseconds for models of this size.
 */
export async function loadModel({ description, onnx }: ModelFiles): Promise<Result<Model>> {
  const title = `${description.name} ${description.version}`;
  try {
    const begun = performance.now();
    // One thread: for models below a megabyte a second one costs more than it gives.
    const session = await InferenceSession.create(onnx, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: ERRORS,
    });
    const problem = findMismatch(description, session);
    if (problem) return { ok: false, error: `${title}: ${problem}` };
    const loaded = performance.now();
    const model = createModel(description, session);
    await model.run(oneRow(description));
    const startTimes = { load: loaded - begun, firstRun: performance.now() - loaded };
    return { ok: true, value: { ...model, startTimes } };
  } catch (error) {
    return { ok: false, error: `${title}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function createModel(description: ModelDescription, session: InferenceSession): Omit<Model, 'startTimes'> {
  const outputs = description.outputs.map(({ name }) => name);
  return {
    description,
    async run(inputs) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOnnx(tensor)]));
      const answers = await session.run(feeds, outputs);
      return Object.fromEntries(
        description.outputs.map(({ name, datatype }) => {
          const answer = answers[name];
          if (!answer) throw new Error(`${description.name} gave no ${name}`);
          return [name, { datatype, shape: answer.dims, data: answer.data as TensorData }];
        }),
      );
    },
    release: () => session.release(),
  };
}

/** The description is what requests are checked against, so it has to agree with the graph. */
function findMismatch(description: ModelDescription, session: InferenceSession): string | undefined {
  const graph = [...session.inputMetadata, ...session.outputMetadata];
  const declared = [...description.inputs, ...description.outputs];
  if (graph.length !== declared.length)
    return `model.json has ${declared.length} inputs and outputs, model.onnx ${graph.length}`;
  for (const { name, datatype, shape } of declared) {
    const tensor = graph.find((candidate) => candidate.name === name);
    if (!tensor?.isTensor) return `model.onnx has no tensor named ${name}`;
    if (tensor.type !== ONNX_TYPES[datatype])
      return `${name} is ${datatype} in model.json, ${tensor.type} in model.onnx`;
    const agrees =
      tensor.shape.length === shape.length &&
      tensor.shape.every((size, at) => typeof size === 'string' || size === shape[at]);
    if (!agrees) return `${name} is [${shape}] in model.json, [${tensor.shape}] in model.onnx`;
  }
  return undefined;
}

function toOnnx({ datatype, shape, data }: Tensor): OnnxTensor {
  const tensor = new OnnxTensor(ONNX_TYPES[datatype] as 'float32', data as Float32Array, shape);
  // ONNX Runtime's own half of Node finds no bytes in a Float16Array: it reads them as whole numbers.
  if (data instanceof Float16Array) Object.defineProperty(tensor, 'data', { value: bitsOf(data) });
  return tensor;
}

const bitsOf = ({ buffer, byteOffset, length }: Float16Array): Uint16Array =>
  new Uint16Array(buffer, byteOffset, length);

function oneRow({ inputs }: ModelDescription): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, datatype, shape }) => {
      const sizes = shape.map((size) => (size < 0 ? 1 : size));
      return [
        name,
        {
          datatype,
          shape: sizes,
          data: zeros(
            datatype,
            sizes.reduce((total, size) => total * size, 1),
          ),
        },
      ];
    }),
  );
}

const zeros = (datatype: Datatype, length: number): TensorData =>
  datatype === 'BYTES' ? Array.from({ length }, () => '') : createNumbers(datatype, length);
