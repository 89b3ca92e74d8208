import type { Identity } from '../../kit/config.ts';
import { json, refuse } from '../../kit/http/answer.ts';
import type { Route } from '../../kit/http/router.ts';
import { readInferenceRequest } from '../../kit/model/inference-request.ts';
import { createResponseWriter } from '../../kit/model/inference-response.ts';
import type { Model } from '../../kit/model/session.ts';
import { readMeasurements } from './measurements.ts';
import { score } from './score.ts';

/**
 * `POST /v1/score` classifies one animal; `GET /v1/score` says what it wants to know; `POST /v1/score/infer` takes the request of the
 * Open Inference Protocol, so that the model can be asked its golden requests like any other.
 */
export function scoreRoutes(model: Model, { release }: Identity): Route[] {
  const { name, version, title, description, inputs, metrics, data } = model.description;
  const write = createResponseWriter(model.description);
  const features = inputs[0]?.features ?? [];
  return [
    {
      method: 'GET',
      path: '/v1/score',
      handle: () => json(200, { model: { name, version }, title, description, features, metrics, data, release }),
    },
    {
      method: 'POST',
      path: '/v1/score',
      body: 'json',
      async handle({ body }) {
        const measurements = readMeasurements(body, features);
        if (!measurements.ok) return refuse(400, measurements.error);
        return json(200, { ...(await score(model, measurements.value)), model: { name, version }, release });
      },
    },
    {
      method: 'POST',
      path: '/v1/score/infer',
      body: 'json',
      async handle({ body }) {
        const request = readInferenceRequest(body, model.description);
        if (!request.ok) return refuse(400, request.error);
        const response = write(request.value, await model.run(request.value.inputs));
        return response.ok ? { status: 200, ...response.value } : refuse(422, response.error);
      },
    },
  ];
}
