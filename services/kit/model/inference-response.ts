/** The inference response of the Open Inference Protocol, as JSON or with the binary tensor extension. */
import type { Result } from '../result.ts';
import { type Datatype, type FloatData, isFloats, isText, type TensorData, toBytes } from './datatypes.ts';
import type { ModelDescription } from './description.ts';
import type { InferenceRequest } from './inference-request.ts';
import type { Tensors } from './session.ts';
import { findInfinite } from './values.ts';

export interface InferenceResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

type Writer = (
  request: Pick<InferenceRequest, 'id' | 'outputs' | 'binary'>,
  tensors: Tensors,
) => Result<InferenceResponse>;

const JSON_HEADERS = { 'content-type': 'application/json' } as const;

/**
 * A writer for the answers of one model: what is the same in all of them is written once.
 * @param finish last word on each number of the JSON, for a service that rounds
 * @returns an error when the model answers no finite number, which JSON cannot hold
 */
export function createResponseWriter(
  { name, version, outputs }: ModelDescription,
  finish: (value: number) => number = (value) => value,
): Writer {
  const start = `{"model_name":${JSON.stringify(name)},"model_version":${JSON.stringify(version)},`;
  const heads = new Map(
    outputs.map((one) => [one.name, `{"name":${JSON.stringify(one.name)},"datatype":"${one.datatype}","shape":[`]),
  );
  return (request, tensors) => {
    let text =
      request.id === undefined ? `${start}"outputs":[` : `${start}"id":${JSON.stringify(request.id)},"outputs":[`;
    const tail: Uint8Array[] = [];
    let separator = '';
    for (const output of request.outputs) {
      const tensor = tensors[output];
      if (!tensor) continue;
      text += `${separator}${heads.get(output)}${tensor.shape.join()}],`;
      separator = ',';
      if (request.binary.has(output)) {
        const bytes = toBytes(tensor.data);
        tail.push(bytes);
        text += `"parameters":{"binary_data_size":${bytes.length}}}`;
      } else {
        const data = showData(tensor.data, tensor.datatype, finish);
        if (data === undefined) return { ok: false, error: notFinite(name, output, tensor.data) };
        text += `"data":[${data}]}`;
      }
    }
    text += ']}';
    return { ok: true, value: tail.length === 0 ? { headers: JSON_HEADERS, body: text } : withTail(text, tail) };
  };
}

function withTail(text: string, tail: readonly Uint8Array[]): InferenceResponse {
  const head = Buffer.from(text);
  return {
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([head, ...tail]),
  };
}

/** Undefined when a number is not finite. */
function showData(data: TensorData, datatype: Datatype, finish: (value: number) => number): string | undefined {
  if (isText(data)) return data.map((value) => JSON.stringify(value)).join();
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => value !== 0).join();
  if (!isFloats(data)) return data.join();
  // Who asks for 64 bits wants them.
  if (data instanceof Float64Array) return findInfinite(data) < 0 ? data.join() : undefined;
  if (data.length === 1) return Number.isFinite(data[0]) ? String(finish(data[0] as number)) : undefined;
  if (findInfinite(data) >= 0) return undefined;
  let text = '';
  for (let index = 0; index < data.length; index++) {
    const value = finish(data[index] as number);
    text += index === 0 ? value : `,${value}`;
  }
  return text;
}

function notFinite(model: string, output: string, data: TensorData): string {
  const at = findInfinite(data as FloatData);
  return `${model} has no finite answer to these inputs: ${output} at ${at} is ${data[at]}`;
}
