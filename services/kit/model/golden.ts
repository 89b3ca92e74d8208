/** Golden requests: requests whose answer is known, kept in `model.json`. */
import type { Tolerance } from './description.ts';
import { readInferenceRequest } from './inference-request.ts';
import type { Model } from './session.ts';

/**
 * Asks a model its golden requests.
 * @returns what is wrong with the first answer that is not as expected; undefined when all are
 */
export async function findGoldenProblem({
  description,
  run,
}: Pick<Model, 'description' | 'run'>): Promise<string | undefined> {
  for (const { name, inputs, outputs = [] } of description.golden) {
    const where = `${description.name} ${description.version}, golden request "${name}"`;
    const request = readInferenceRequest({ inputs }, description);
    if (!request.ok) return `${where}: ${request.error}`;
    const answers = await run(request.value.inputs);
    for (const expected of outputs) {
      const problem = findDifference(expected.data, answers[expected.name]?.data ?? [], description.tolerance);
      if (problem) return `${where}: ${expected.name} ${problem}`;
    }
  }
  return undefined;
}

/** The first element that is further off than the tolerance allows, in words. */
export function findDifference(
  expected: ArrayLike<number | string | bigint>,
  actual: ArrayLike<number | string | bigint>,
  { absolute, relative }: Tolerance,
): string | undefined {
  if (expected.length !== actual.length) return `has ${actual.length} values, expected ${expected.length}`;
  for (let index = 0; index < expected.length; index++) {
    const [wanted, given] = [expected[index], actual[index]];
    const near =
      typeof wanted === 'string'
        ? wanted === given
        : Math.abs(Number(given) - Number(wanted)) <= absolute + relative * Math.abs(Number(wanted));
    if (!near) return `at ${index} is ${given}, expected ${wanted} (tolerance ${absolute} + ${relative} of it)`;
  }
  return undefined;
}
