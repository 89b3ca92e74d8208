/** The usual request with binary tensors: the JSON in front of them is the same bytes as before, so what it says is remembered. */
import type { InputDescription, ModelDescription } from '../../../kit/model/description.ts';
import { binarySize, type InferenceRequest, readTensorBytes } from '../../../kit/model/inference-request.ts';
import type { Tensor } from '../../../kit/model/session.ts';

interface Remembered {
  readonly request: InferenceRequest;
  readonly tensors: readonly Place[];
  /** Length of all tensors together. */
  readonly bytes: number;
}

/** Where behind the JSON the bytes of an input are. */
interface Place {
  readonly input: InputDescription;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** By the JSON's bytes, as text with a character for each: clients send few different ones, of many rows and of one. */
const remembered = new WeakMap<ModelDescription, Map<string, Remembered>>();
const MOST_REMEMBERED = 8;
const LONGEST = 1024;

/**
 * @param length of the JSON
 * @returns undefined for any other request, and for one that is not right: then the way that knows all kinds says what is wrong
 */
export function readUsualBytes(
  bytes: Buffer,
  length: number,
  description: ModelDescription,
): InferenceRequest | undefined {
  const all = remembered.get(description);
  const known = all && length <= LONGEST ? all.get(bytes.toString('latin1', 0, length)) : undefined;
  if (!known || known.bytes !== bytes.length - length) return undefined;
  const inputs: Record<string, Tensor> = {};
  for (const { input, shape, start, end } of known.tensors) {
    const tensor = readTensorBytes(bytes.subarray(length + start, length + end), input, shape);
    if (!tensor.ok) return undefined;
    inputs[input.name] = tensor.value;
  }
  return { ...known.request, inputs };
}

/** A request that was right: the next one with the same JSON is read from its bytes. @param body what the JSON says */
export function rememberBytes(
  head: Buffer,
  body: unknown,
  { request, description }: { readonly request: InferenceRequest; readonly description: ModelDescription },
): void {
  // One with an id is like no other.
  if (request.id !== undefined || head.length > LONGEST) return;
  const tensors = locate((body as { readonly inputs: readonly GivenInput[] }).inputs, description);
  if (!tensors) return;
  const all = remembered.get(description) ?? new Map<string, Remembered>();
  if (all.size >= MOST_REMEMBERED) all.clear();
  const known = { request: { ...request, inputs: {} }, tensors, bytes: tensors.at(-1)?.end ?? 0 };
  remembered.set(description, all.set(head.toString('latin1'), known));
}

type GivenInput = Readonly<Record<string, unknown>> & { readonly name: string; readonly shape: readonly number[] };

/** Undefined when an input is in the JSON itself. @param inputs of a request that is right */
function locate(inputs: readonly GivenInput[], description: ModelDescription): Place[] | undefined {
  const places: Place[] = [];
  let start = 0;
  for (const given of inputs) {
    const size = binarySize(given);
    const input = description.inputs.find(({ name }) => name === given.name);
    if (size === undefined || !input) return undefined;
    places.push({ input, shape: given.shape, start, end: start + size });
    start += size;
  }
  return places;
}
