/** The inference response of the Open Inference Protocol. */
import type { ModelDescription } from './description.ts';
import type { InferenceRequest } from './inference-request.ts';
import type { TensorData, Tensors } from './session.ts';

/** @param finish last word on each number, for a service that rounds */
export function writeInferenceResponse(
  { name, version }: ModelDescription,
  { id, outputs }: InferenceRequest,
  tensors: Tensors,
  finish: (value: number) => number = (value) => value,
): unknown {
  return {
    model_name: name,
    model_version: version,
    ...(id !== undefined && { id }),
    outputs: outputs.flatMap((output) => {
      const tensor = tensors[output];
      if (!tensor) return [];
      const { datatype, shape, data } = tensor;
      return [{ name: output, datatype, shape, data: toJson(data, finish) }];
    }),
  };
}

function toJson(data: TensorData, finish: (value: number) => number): (number | string)[] {
  if (data instanceof BigInt64Array) return Array.from(data, Number);
  return Array.from<number | string, number | string>(data, (value) =>
    typeof value === 'number' ? finish(value) : value,
  );
}
