import type { Feature } from '../../kit/model/description.ts';
import { isRecord, type Result } from '../../kit/result.ts';

/** How far outside the range seen in training a measurement may be before it is taken for a mistake. */
const TOLERANCE = 2;

/**
 * The measurements of one animal, in the order of the features.
 * @returns the values, or every field that is missing, unknown, no number or implausible
 */
export function readMeasurements(body: unknown, features: readonly Feature[]): Result<readonly number[]> {
  if (!isRecord(body)) return { ok: false, error: `the body has to be an object with ${names(features)}` };
  const unknown = Object.keys(body).filter((field) => !features.some(({ name }) => name === field));
  const problems = [
    ...features.flatMap((feature) => findProblem(feature, body[feature.name]) ?? []),
    ...unknown.map((field) => `\`${field.slice(0, 40)}\` is unknown, expected ${names(features)}`),
  ];
  if (problems.length > 0) return { ok: false, error: problems.join('; ') };
  return { ok: true, value: features.map(({ name }) => Number(body[name])) };
}

function findProblem(feature: Feature, value: unknown): string | undefined {
  if (value === undefined) return `\`${feature.name}\` is missing`;
  if (typeof value !== 'number' || !Number.isFinite(value)) return `\`${feature.name}\` has to be a number`;
  if (feature.kind === 'choice') return undefined;
  const [minimum, maximum] = [feature.minimum / TOLERANCE, feature.maximum * TOLERANCE];
  if (value >= minimum && value <= maximum) return undefined;
  return `\`${feature.name}\` is ${value}, expected ${minimum} to ${maximum} ${feature.unit}`;
}

function names(features: readonly Feature[]): string {
  return features.map(({ name }) => name).join(', ');
}
