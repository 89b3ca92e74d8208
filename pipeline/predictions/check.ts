import { createHash } from 'node:crypto';
import { type Answers, type AskPorts, askAll, goldenKey } from './ask.ts';
import { everyGolden, judgePredictions, type OldAnswers, outputsOf } from './judge.ts';
import {
  beyondTolerance,
  type GoldenModel,
  type GoldenModels,
  type GoldenRequest,
  type PredictionAnswer,
  type PredictionReport,
} from './types.ts';

export async function askOld(models: GoldenModels, baseUrl: string, ports: AskPorts): Promise<OldAnswers> {
  const first = await askAll(models, baseUrl, ports);
  return { first, again: await askAll(models, baseUrl, ports) };
}

/** The answers that are on record: what a release that is brought back answered when it was live. */
export function recordedAnswers(models: GoldenModels): OldAnswers {
  const first = new Map<string, PredictionAnswer>();
  for (const { service, model, request } of everyGolden(models))
    if (request.outputs !== undefined)
      first.set(goldenKey(service, model.name, request.name), { kind: 'answer', outputs: request.outputs });
  return { first, again: new Map() };
}

export interface Checked {
  readonly report: PredictionReport;
  /** The models with what the new release answered, to be kept with it. */
  readonly models: GoldenModels;
}

/** Asks the new release and compares with the old answers. */
export async function checkPredictions(
  request: { readonly models: GoldenModels; readonly old: OldAnswers | undefined; readonly baseUrl: string },
  ports: AskPorts,
): Promise<Checked> {
  const { models, old, baseUrl } = request;
  const fresh = await askAll(models, baseUrl, ports);
  return { report: judgePredictions({ models, old, fresh }), models: withAnswers(models, fresh) };
}

/** Asks two environments that run side by side, such as a preview and staging. */
export async function comparePredictions(
  request: { readonly models: GoldenModels; readonly oldUrl: string; readonly newUrl: string },
  ports: AskPorts,
): Promise<PredictionReport> {
  const [old, fresh] = await Promise.all([
    askOld(request.models, request.oldUrl, ports),
    askAll(request.models, request.newUrl, ports),
  ]);
  return judgePredictions({ models: request.models, old, fresh });
}

/** Answers larger than this together (characters of JSON) are not kept: an item of the ledger holds 400 kB. */
const LARGEST_ANSWERS = 100_000;

function withAnswers(models: GoldenModels, fresh: Answers): GoldenModels {
  let size = 0;
  const answered = (service: string, model: GoldenModel, request: GoldenRequest): GoldenRequest => {
    const { outputs: _, ...asked } = request;
    const outputs = outputsOf(fresh.get(goldenKey(service, model.name, request.name)));
    size += JSON.stringify(outputs ?? '').length;
    return outputs === undefined || size > LARGEST_ANSWERS ? asked : { ...asked, outputs };
  };
  return Object.fromEntries(
    Object.entries(models).map(([service, list]) => [
      service,
      list.map((model) => ({ ...model, golden: model.golden.map((request) => answered(service, model, request)) })),
    ]),
  );
}

/** Names exactly these differences of this commit, for someone to accept; undefined when there are none beyond tolerance. */
export function acceptanceKey(commit: string, report: PredictionReport): string | undefined {
  const beyond = beyondTolerance(report);
  if (beyond.length === 0) return undefined;
  const named = beyond.map(({ service, model, golden, output }) => JSON.stringify([service, model, golden, output]));
  return createHash('sha256')
    .update(JSON.stringify([commit, ...named.sort()]))
    .digest('hex')
    .slice(0, 12);
}
