/** From the bytes of a request to an inference request: JSON, with or without binary tensors behind it. */
import { isUtf8 } from 'node:buffer';
import { type Answer, refuse } from '../../../kit/http/answer.ts';
import { parseJson, parseJsonBody } from '../../../kit/http/body.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import { type InferenceRequest, readInferenceRequest } from '../../../kit/model/inference-request.ts';
import { cutOutNumbers } from '../../../kit/model/scan-numbers.ts';

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
    const fast = headers['content-encoding'] === undefined ? readFast(headers, bytes, description) : undefined;
    if (fast) return fast;
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
  const json = parseJson(bytes.subarray(0, length));
  return json.ok ? check(readInferenceRequest(json.value, description, { tail: bytes.subarray(length) })) : json;
}

/** Undefined when the request is not of the usual kind, or not right: then the way that knows all kinds says what is wrong. */
function readFast(
  headers: RoutedRequest['headers'],
  bytes: Uint8Array,
  description: ModelDescription,
): ReadRequest | undefined {
  const [input, ...others] = description.inputs;
  if (input?.datatype !== 'FP32' || others.length > 0 || headers['content-type'] !== 'application/json')
    return undefined;
  if (!isUtf8(bytes)) return undefined;
  const cut = cutOutNumbers(bytes as Buffer);
  if (!cut) return undefined;
  try {
    const read = readInferenceRequest(JSON.parse(cut.text), description, { numbers: cut.numbers });
    return read.ok ? read : undefined;
  } catch {
    return undefined;
  }
}

export function check(read: ReturnType<typeof readInferenceRequest>): ReadRequest {
  return read.ok ? read : { ok: false, answer: refuse(400, read.error) };
}
