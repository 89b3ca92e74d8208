/** What people say about a prediction, and the seam to where it is kept. */
import { randomUUID } from 'node:crypto';
import { isRecord, type Result } from '../../kit/result.ts';

export const RATINGS = ['helpful', 'wrong'] as const;
export type Rating = (typeof RATINGS)[number];

export interface Feedback {
  readonly model: string;
  readonly version?: string;
  /** Sorts by time. */
  readonly id: string;
  readonly rating: Rating;
  readonly comment?: string;
  /** What was asked and answered, so that a wrong answer can be looked at. */
  readonly values?: readonly number[];
  readonly prediction?: readonly number[];
  readonly release: string;
  /** Seconds since 1970 after which it is deleted. */
  readonly expiresAt: number;
}

export interface FeedbackSummary {
  readonly model: string;
  readonly total: number;
  readonly helpful: number;
  readonly wrong: number;
}

export interface FeedbackStore {
  add(feedback: Feedback): Promise<void>;
  summary(model: string): Promise<FeedbackSummary>;
}

const KEEP_SECONDS = 180 * 24 * 60 * 60;
const MAXIMUM_COMMENT = 1_000;
const MAXIMUM_NUMBERS = 100;
const MODEL_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function isModelName(value: unknown): value is string {
  return typeof value === 'string' && MODEL_NAME.test(value);
}

/** @returns the feedback to keep, or every field that is wrong */
export function readFeedback(
  body: unknown,
  { release, now }: { readonly release: string; readonly now: number },
): Result<Feedback> {
  if (!isRecord(body)) return { ok: false, error: 'the body has to be an object' };
  const { model, rating, comment, version, values, prediction } = body;
  const problems: string[] = [];
  if (!isModelName(model)) problems.push('`model` has to be the name of a model');
  if (!(RATINGS as readonly unknown[]).includes(rating))
    problems.push(`\`rating\` has to be one of ${RATINGS.join(', ')}`);
  if (!isAbsent(comment) && !(typeof comment === 'string' && comment.length <= MAXIMUM_COMMENT))
    problems.push(`\`comment\` has to be text of at most ${MAXIMUM_COMMENT} characters`);
  if (!isAbsent(version) && !(typeof version === 'string' && /^\d{1,9}$/.test(version)))
    problems.push('`version` has to be the version of a model');
  if (!isNumbers(values)) problems.push(`\`values\` has to be a list of at most ${MAXIMUM_NUMBERS} numbers`);
  if (!isNumbers(prediction)) problems.push(`\`prediction\` has to be a list of at most ${MAXIMUM_NUMBERS} numbers`);
  if (problems.length > 0) return { ok: false, error: problems.join('; ') };

  const optional = Object.entries({ version, comment, values, prediction }).filter(([, value]) => !isAbsent(value));
  const kept = { model, rating, ...Object.fromEntries(optional) } as Pick<Feedback, 'model' | 'rating'>;
  const id = `${new Date(now).toISOString()}-${randomUUID()}`;
  return { ok: true, value: { ...kept, id, release, expiresAt: Math.floor(now / 1000) + KEEP_SECONDS } };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function isNumbers(value: unknown): boolean {
  if (isAbsent(value)) return true;
  return Array.isArray(value) && value.length <= MAXIMUM_NUMBERS && value.every(Number.isFinite);
}
