/**
 * The usual request: one list of floats, and around it the same text as in the request before. What the text says is remembered, and the
 * numbers are read from their bytes.
 */
import { isUtf8 } from 'node:buffer';
import { createNumbers } from '../../../kit/model/datatypes.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import { type InferenceRequest, readInferenceRequest } from '../../../kit/model/inference-request.ts';
import { type CutOut, cutOutNumbers, MARK, textAround } from '../../../kit/model/scan-numbers.ts';
import type { Tensor } from '../../../kit/model/session.ts';
import { findUnknownChoice } from '../../../kit/model/values.ts';

interface Remembered {
  /** The bytes before and behind the numbers. */
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly request: InferenceRequest;
  readonly input: string;
  readonly tensor: Tensor;
}

const remembered = new WeakMap<ModelDescription, Remembered>();
/** Bytes around the numbers; one of them is kept for each model, so that long ones of many models would fill the memory. */
const LONGEST_AROUND = 4096;

/** Undefined for any other request, and for one that is not right: then the way that knows all kinds says what is wrong. */
export function readUsualRequest(bytes: Buffer, description: ModelDescription): InferenceRequest | undefined {
  const [input, ...others] = description.inputs;
  if (input?.datatype !== 'FP32' || others.length > 0) return undefined;
  const cut = cutOutNumbers(bytes);
  if (!cut) return undefined;
  const before = remembered.get(description);
  if (!before || !isSameText(before, bytes, cut)) return readAnew(bytes, cut, description);
  const { numbers } = cut;
  if (numbers.length !== before.tensor.data.length) return undefined;
  if (input.features.length > 0 && findUnknownChoice(input.features, numbers) !== undefined) return undefined;
  const data = createNumbers('FP32', numbers.length) as Float32Array;
  data.set(numbers);
  const { datatype, shape } = before.tensor;
  return { ...before.request, inputs: { [before.input]: { datatype, shape, data } } };
}

function isSameText({ head, tail }: Remembered, bytes: Buffer, { start, end }: CutOut): boolean {
  if (head.length !== start || tail.length !== bytes.length - end) return false;
  return head.compare(bytes, 0, start) === 0 && tail.compare(bytes, end) === 0;
}

function readAnew(bytes: Buffer, cut: CutOut, description: ModelDescription): InferenceRequest | undefined {
  if (!isUtf8(bytes)) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(textAround(bytes, cut));
  } catch {
    return undefined;
  }
  const read = readInferenceRequest(body, description, { numbers: cut.numbers });
  if (!read.ok) return undefined;
  const request = read.value;
  const [[input, tensor] = []] = Object.entries(request.inputs);
  // A request with an id is like no other; and the list that was cut out has to be the input's.
  if (
    input !== undefined &&
    tensor &&
    request.id === undefined &&
    cut.start + bytes.length - cut.end <= LONGEST_AROUND &&
    tensor.data.length === cut.numbers.length &&
    isMarked(body)
  )
    remembered.set(description, {
      head: Buffer.from(bytes.subarray(0, cut.start)),
      tail: Buffer.from(bytes.subarray(cut.end)),
      request: { ...request, inputs: {} },
      input,
      tensor,
    });
  return request;
}

const isMarked = (body: unknown): boolean =>
  (body as { readonly inputs: readonly { readonly data: unknown }[] }).inputs[0]?.data === MARK;
