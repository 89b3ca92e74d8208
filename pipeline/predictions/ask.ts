import type { Clock } from '../ports/clock.ts';
import type { SendHttp } from '../ports/http.ts';
import type { GoldenModels, PredictionAnswer, Tensor } from './types.ts';

export interface AskPorts {
  readonly send: SendHttp;
  readonly clock: Clock;
}

/** `service/model/golden request` -> answer. */
export type Answers = ReadonlyMap<string, PredictionAnswer>;

const ATTEMPTS = 3;
const RETRY_MS = 500;
const TIMEOUT_MS = 10_000;
/** Requests under way at once: a release is verified, not load-tested. */
const AT_ONCE = 8;

export const goldenKey = (service: string, model: string, golden: string): string =>
  JSON.stringify([service, model, golden]);

/** Sends every golden request to `baseUrl`. Every one is answered for: a refusal is an answer, and so is silence. */
export async function askAll(models: GoldenModels, baseUrl: string, ports: AskPorts): Promise<Answers> {
  const requests = Object.entries(models).flatMap(([service, list]) =>
    list.flatMap(({ name, path, golden }) =>
      golden.map((request) => ({
        key: goldenKey(service, name, request.name),
        url: baseUrl + path,
        inputs: request.inputs,
      })),
    ),
  );
  const answers = new Map<string, PredictionAnswer>();
  const next = requests.values();
  const work = async (): Promise<void> => {
    for (const { key, url, inputs } of next) answers.set(key, await ask(url, inputs, ports));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

/** Asks again where the trouble may pass: no answer, too busy, an error of the server. */
async function ask(url: string, inputs: readonly Tensor[], { send, clock }: AskPorts): Promise<PredictionAnswer> {
  let answer: PredictionAnswer = { kind: 'silent', reason: '' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await clock.sleep(RETRY_MS);
    try {
      const { status, body } = await send({ method: 'POST', url, body: { inputs }, timeoutMs: TIMEOUT_MS });
      answer = status === 200 ? readAnswer(body) : { kind: 'refused', status, reason: excerpt(body) };
      if (status < 500 && status !== 429) return answer;
    } catch (error) {
      answer = { kind: 'silent', reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return answer;
}

const excerpt = (body: string): string => (body.length > 200 ? `${body.slice(0, 200)}...` : body);

/** The outputs of an inference response; anything else is a refusal that says what came. */
export function readAnswer(body: string): PredictionAnswer {
  const refused: PredictionAnswer = {
    kind: 'refused',
    status: 200,
    reason: `not an inference response: ${excerpt(body)}`,
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return refused;
  }
  const outputs: unknown =
    typeof parsed === 'object' && parsed !== null && 'outputs' in parsed ? parsed.outputs : undefined;
  if (!Array.isArray(outputs) || !outputs.every(isTensor)) return refused;
  return {
    kind: 'answer',
    outputs: outputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape,
      data: data.flat(Number.POSITIVE_INFINITY),
    })),
  };
}

export function isTensor(value: unknown): value is Tensor {
  if (typeof value !== 'object' || value === null) return false;
  const { name, datatype, shape, data } = value as Partial<Tensor>;
  const named = typeof name === 'string' && typeof datatype === 'string';
  return named && Array.isArray(shape) && shape.every(Number.isInteger) && Array.isArray(data);
}
