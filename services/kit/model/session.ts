/** Models as the services know them: tensors by name in, tensors by name out. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Result } from '../result.ts';
import { createNumbers, type Datatype, ONNX_TYPES, type TensorData } from './datatypes.ts';
import type { ModelDescription } from './description.ts';
import { createTensor, type OnnxSession, type OnnxTensors, openSession } from './onnx.ts';
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
  /**
   * Computes at once, on the calling thread.
   * @param inputs one tensor per input of the description, all with the same number of rows
   * @throws when the model refuses them
   */
  compute(inputs: Tensors): Tensors;
  /** Computes in a turn of its own, so that others have theirs in between. */
  run(inputs: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/**
 * Loads a model and answers one row with it, so that the first request does not pay for lazy initialisation.
 * ONNX Runtime does both on the calling thread: a few hundred microseconds for models of this size.
 */
export async function loadModel({ description, onnx }: ModelFiles): Promise<Result<Model>> {
  const title = `${description.name} ${description.version}`;
  try {
    await turn();
    const begun = performance.now();
    const session = openSession(onnx);
    const problem = findMismatch(description, session);
    if (problem) return { ok: false, error: `${title}: ${problem}` };
    const loaded = performance.now();
    const model = createModel(description, session);
    model.compute(oneRow(description));
    const startTimes = { load: loaded - begun, firstRun: performance.now() - loaded };
    return { ok: true, value: { ...model, startTimes } };
  } catch (error) {
    return { ok: false, error: `${title}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function createModel(description: ModelDescription, session: OnnxSession): Omit<Model, 'startTimes'> {
  const compute: Model['compute'] = (inputs) => {
    const feeds: OnnxTensors = {};
    for (const name in inputs) {
      const { datatype, shape, data } = inputs[name] as Tensor;
      feeds[name] = createTensor(ONNX_TYPES[datatype], data, shape);
    }
    const answers = session.run(feeds);
    const outputs: Record<string, Tensor> = {};
    for (const { name, datatype } of description.outputs) {
      const answer = answers[name];
      if (!answer) throw new Error(`${description.name} gave no ${name}`);
      outputs[name] = { datatype, shape: answer.dims, data: answer.data as TensorData };
    }
    return outputs;
  };
  return {
    description,
    compute,
    async run(inputs) {
      await turn();
      return compute(inputs);
    },
    release: async () => session.release(),
  };
}

/** The description is what requests are checked against, so it has to agree with the graph. */
function findMismatch(description: ModelDescription, session: OnnxSession): string | undefined {
  const graph = [...session.inputs, ...session.outputs];
  const declared = [...description.inputs, ...description.outputs];
  if (graph.length !== declared.length)
    return `model.json has ${declared.length} inputs and outputs, model.onnx ${graph.length}`;
  for (const { name, datatype, shape } of declared) {
    const tensor = graph.find((candidate) => candidate.name === name);
    if (!tensor) return `model.onnx has no tensor named ${name}`;
    if (tensor.type !== ONNX_TYPES[datatype])
      return `${name} is ${datatype} in model.json, ${tensor.type} in model.onnx`;
    const agrees =
      tensor.shape.length === shape.length &&
      tensor.shape.every((size, at) => typeof size === 'string' || size === shape[at]);
    if (!agrees) return `${name} is [${shape}] in model.json, [${tensor.shape}] in model.onnx`;
  }
  return undefined;
}

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
