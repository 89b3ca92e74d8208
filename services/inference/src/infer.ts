import { type Answer, json, refuse } from '../../kit/http/answer.ts';
import type { TensorData } from '../../kit/model/session.ts';
import { readInferenceRequest } from './inference-request.ts';
import { postprocess } from './postprocess.ts';
import type { LoadedVersion } from './repository.ts';

const RETRY_SECONDS = '1';

/** Answers one inference request; 503 when the model has more to do than it can answer in time. */
export async function infer({ model, batcher }: LoadedVersion, body: unknown): Promise<Answer> {
  const { name, version } = model.description;
  const request = readInferenceRequest(body, model.description);
  if (!request.ok) return refuse(400, request.error);
  const answers = batcher.submit(request.value.inputs);
  if (answers === 'full') return refuse(503, `${name} is busy; try again`, { 'retry-after': RETRY_SECONDS });
  const tensors = await answers;
  const outputs = request.value.outputs.flatMap((output) => {
    const tensor = tensors[output];
    return tensor ? [{ name: output, datatype: tensor.datatype, shape: tensor.shape, data: toJson(tensor.data) }] : [];
  });
  return json(200, {
    model_name: name,
    model_version: version,
    ...(request.value.id !== undefined && { id: request.value.id }),
    outputs,
  });
}

function toJson(data: TensorData): (number | string)[] {
  if (data instanceof BigInt64Array) return Array.from(data, Number);
  return Array.from<number | string, number | string>(data, (value) =>
    typeof value === 'number' ? postprocess(value) : value,
  );
}
