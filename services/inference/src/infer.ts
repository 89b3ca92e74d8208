import { type Answer, json, refuse } from '../../kit/http/answer.ts';
import { readInferenceRequest } from '../../kit/model/inference-request.ts';
import { writeInferenceResponse } from '../../kit/model/inference-response.ts';
import { postprocess } from './postprocess.ts';
import type { LoadedVersion } from './repository.ts';

const RETRY_SECONDS = '1';

/** Answers one inference request; 503 when the model has more to do than it can answer in time. */
export async function infer({ model, batcher }: LoadedVersion, body: unknown): Promise<Answer> {
  const { name } = model.description;
  const request = readInferenceRequest(body, model.description);
  if (!request.ok) return refuse(400, request.error);
  const answers = batcher.submit(request.value.inputs);
  if (answers === 'full') return refuse(503, `${name} is busy; try again`, { 'retry-after': RETRY_SECONDS });
  const tensors = await answers;
  return json(200, writeInferenceResponse(model.description, request.value, tensors, postprocess));
}
