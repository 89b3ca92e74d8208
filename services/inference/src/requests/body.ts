/** From the bytes of a request to an inference request: JSON, with or without binary tensors behind it. */
import { type Answer, refuse } from '../../../kit/http/answer.ts';
import { parseJson, parseJsonBody } from '../../../kit/http/body.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import { type InferenceRequest, readInferenceRequest } from '../../../kit/model/inference-request.ts';
import { readUsualRequest } from './usual.ts';
import { readUsualBytes, rememberBytes } from './usual-bytes.ts';

export type ReadRequest =
  | { readonly ok: true; readonly value: InferenceRequest }
  | { readonly ok: false; readonly answer: Answer };

/** Length of the JSON when tensors follow: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/extension_binary_data.md */
export const HEADER_LENGTH = 'inference-header-content-length';

export function readProtocolBody(
  { headers, body }: Pick<RoutedRequest, 'headers' | 'body'>,
  description: ModelDescription,
): ReadRequest {
  const bytes = body as Uint8Array;
  const given = headers[HEADER_LENGTH];
  if (given === undefined) {
    const usual = isPlainJson(headers) ? readUsualRequest(bytes as Buffer, description) : undefined;
    if (usual) return { ok: true, value: usual };
    const json = parseJsonBody({ headers, body: bytes });
    return json.ok ? check(readInferenceRequest(json.value, description)) : json;
  }
  const length = Number(given);
  if (!Number.isInteger(length) || length < 1 || length > bytes.length)
    return {
      ok: false,
      answer: refuse(
        400,
        `${HEADER_LENGTH} is ${given.slice(0, 20)}, expected 1 to ${bytes.length}, the length of the body`,
      ),
    };
  const usual = readUsualBytes(bytes as Buffer, length, description);
  if (usual) return { ok: true, value: usual };
  const head = bytes.subarray(0, length);
  const json = parseJson(head);
  if (!json.ok) return json;
  const read = readInferenceRequest(json.value, description, { tail: bytes.subarray(length) });
  if (read.ok) rememberBytes(head as Buffer, json.value, { request: read.value, description });
  return check(read);
}

const isPlainJson = (headers: RoutedRequest['headers']): boolean =>
  headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined;

export function check(read: ReturnType<typeof readInferenceRequest>): ReadRequest {
  return read.ok ? read : { ok: false, answer: refuse(400, read.error) };
}
