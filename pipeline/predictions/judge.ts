import { type Answers, goldenKey } from './ask.ts';
import { compareAnswers } from './compare.ts';
import type {
  GoldenModel,
  GoldenModels,
  GoldenRequest,
  PredictionAnswer,
  PredictionDifference,
  PredictionReport,
  Tensor,
} from './types.ts';

/** What the old release answers, asked twice: what varies by itself is no change. */
export interface OldAnswers {
  readonly first: Answers;
  readonly again: Answers;
}

interface Judged {
  readonly models: GoldenModels;
  /** Absent: nothing served before. */
  readonly old: OldAnswers | undefined;
  readonly fresh: Answers;
}

/** Every golden request with what was answered before and now. Pure. */
export function judgePredictions({ models, old, fresh }: Judged): PredictionReport {
  const differences: PredictionDifference[] = [];
  const notes = new Set<string>();
  const golden = everyGolden(models);
  for (const { service, model, request } of golden) {
    const key = goldenKey(service, model.name, request.name);
    const asked = { service, model: model.name, golden: request.name };
    const verdict = judgeOne({
      model,
      request,
      before: old?.first.get(key),
      again: old?.again.get(key),
      now: fresh.get(key),
      any: old !== undefined,
    });
    for (const note of verdict.notes) notes.add(`${service}: ${model.name} ${note}`);
    differences.push(...verdict.differences.map((difference) => ({ ...asked, ...difference })));
  }
  return { requests: golden.length, differences: differences.toSorted(worstFirst), notes: [...notes] };
}

type Verdict = {
  readonly differences: readonly Omit<PredictionDifference, 'service' | 'model' | 'golden'>[];
  readonly notes: readonly string[];
};

interface One {
  readonly model: GoldenModel;
  readonly request: GoldenRequest;
  readonly before: PredictionAnswer | undefined;
  readonly again: PredictionAnswer | undefined;
  readonly now: PredictionAnswer | undefined;
  /** Something served before. */
  readonly any: boolean;
}

function judgeOne({ model, request, before, again, now, any }: One): Verdict {
  const old = outputsOf(before);
  const fresh = outputsOf(now);
  if (fresh === undefined) {
    const broken = any && old === undefined && before !== undefined && isBroken(before);
    // Neither answers: the new release is no worse, and may be what a repair looks like half way.
    if (broken) return { differences: [], notes: [`was not answered before either: ${inWords(now)}`] };
    return { differences: [{ output: '', old: inWords(before), new: inWords(now), beyond: true }], notes: [] };
  }
  if (old === undefined) {
    const notes =
      any && before !== undefined && isBroken(before)
        ? [`was not answered before: ${inWords(before)}`]
        : ['is new here'];
    // Nothing to compare with but what the model answered when it was made.
    const made = request.outputs;
    return {
      differences: made === undefined ? [] : compareAnswers({ old: made, new: fresh, tolerance: model.tolerance }),
      notes,
    };
  }
  const repeated = outputsOf(again);
  const varies = repeated !== undefined && compareAnswers({ old, new: repeated, tolerance: NONE }).length > 0;
  return {
    differences: compareAnswers({ old, new: fresh, tolerance: model.tolerance, ...(repeated && { again: repeated }) }),
    notes: varies ? ['answers differently each time; what varies by itself is allowed'] : [],
  };
}

const NONE = { absolute: 0, relative: 0 };

export const outputsOf = (answer: PredictionAnswer | undefined): readonly Tensor[] | undefined =>
  answer?.kind === 'answer' ? answer.outputs : undefined;

/** A model that the old release does not know is refused with 404; everything else is trouble. */
const isBroken = (answer: PredictionAnswer): boolean => !(answer.kind === 'refused' && answer.status === 404);

function inWords(answer: PredictionAnswer | undefined): string {
  if (answer === undefined) return 'nothing';
  if (answer.kind === 'answer') return 'an answer';
  return answer.kind === 'silent' ? `no answer: ${answer.reason}` : `status ${answer.status}: ${answer.reason}`;
}

export function everyGolden(models: GoldenModels) {
  return Object.entries(models).flatMap(([service, list]) =>
    list.flatMap((model) => model.golden.map((request) => ({ service, model, request }))),
  );
}

function worstFirst(left: PredictionDifference, right: PredictionDifference): number {
  return excess(right) - excess(left);
}

const excess = ({ beyond, difference, allowed }: PredictionDifference): number =>
  difference === undefined || allowed === undefined
    ? beyond
      ? Number.MAX_VALUE
      : -Number.MAX_VALUE
    : difference - allowed;
